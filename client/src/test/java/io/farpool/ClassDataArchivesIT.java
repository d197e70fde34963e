package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.farpool.contract.Jdk;
import io.farpool.coordinator.CoordinatorServer;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.worker.WorkerDaemon;
import io.farpool.worker.WorkerSettings;
import io.farpool.worker.process.ClassDataArchives;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs whose second run finds the class data that the first has left: with Farpool's jars, as a user has them. */
@Timeout(600)
class ClassDataArchivesIT {
    /** The first JDK with something to say on stderr of libraries that reach around the JVM. */
    private static final int FIRST_THAT_WARNS = 24;

    private static final Path SOURCE = Path.of("src", "test", "resources", "archived", "Main.java");
    private static final int AWAIT_SECONDS = 150;

    @TempDir
    Path directory;

    private Path archives;
    private List<Path> classPath;

    @BeforeEach
    void makeProgram() throws IOException {
        archives = Files.createDirectory(directory.resolve("archives"));
        Files.setPosixFilePermissions(archives, PosixFilePermissions.fromString("rwx------"));
        Path jars = Files.createDirectory(directory.resolve("jars"));
        copyJars(jars);
        Path classes = directory.resolve("classes");
        classPath = new ArrayList<>(List.of(classes));
        try (Stream<Path> files = Files.list(jars)) {
            files.sorted().forEach(classPath::add);
        }
        compile(classes);
    }

    @Test
    @DisplayName(
            "the second embedded pool's process has the first's archive, a damaged one is replaced, a changed jar has another")
    void secondRunUsesTheArchive() throws Exception {
        checkEmbedded(Path.of(System.getProperty("java.home")));
    }

    @Test
    @DisplayName("the same on another JDK")
    void secondRunUsesTheArchiveOnAnotherJdk() throws Exception {
        Jdk other = Jdk.newestBut(Runtime.version().feature());
        assumeTrue(other != null, "SKIPPED: there is no second JDK of 17 or newer on this machine");
        checkEmbedded(other.home());
    }

    private void checkEmbedded(Path javaHome) throws Exception {
        assertThat(run(javaHome, null)).isEqualTo("[]");
        awaitMade();

        Path first = used(run(javaHome, null));
        assertThat(used(run(javaHome, null))).isEqualTo(first);

        damage(first);
        assertThat(run(javaHome, null)).isEqualTo("[]");
        awaitMade();
        Path second = used(run(javaHome, null));

        Path kryo = classPath.stream()
                .filter(path -> path.toString().contains("kryo"))
                .findFirst()
                .orElseThrow();
        Files.setLastModifiedTime(kryo, FileTime.fromMillis(1_600_000_000_000L));
        assertThat(run(javaHome, null)).isEqualTo("[]");
        awaitMade();
        assertThat(keyOf(used(run(javaHome, null)))).isNotEqualTo(keyOf(second));
    }

    @Test
    @DisplayName("on a cluster the host keeps archives beside its blobs, for all sessions")
    void hostKeepsArchives() throws Exception {
        Path cache = Files.createDirectory(directory.resolve("cache"));
        System.setProperty(ClassDataArchives.PROPERTY, "");
        try (CoordinatorServer coordinator =
                        CoordinatorServer.start(CoordinatorSettings.defaults().withPort(0));
                WorkerDaemon worker = WorkerDaemon.start(WorkerSettings.defaults()
                        .withSlots(1)
                        .withCoordinator("127.0.0.1:" + coordinator.port())
                        .withCacheDirectory(cache))) {
            assertThat(worker.attached()).isTrue();
            archives = cache.resolve("class-data");
            String address = "127.0.0.1:" + coordinator.port();
            Path javaHome = Path.of(System.getProperty("java.home"));
            assertThat(run(javaHome, address)).isEqualTo("[]");
            await("*.jsa");
            Path archive = used(run(javaHome, address));
            // Another program's class path begins with the same.
            Files.writeString(classPath.get(0).resolve("notes.txt"), "a change of the program");
            assertThat(used(run(javaHome, address))).isEqualTo(archive);
        } finally {
            System.clearProperty(ClassDataArchives.PROPERTY);
        }
    }

    @Test
    @DisplayName("switched off, nothing is made")
    void switchedOff() throws Exception {
        Process process = start(Path.of(System.getProperty("java.home")), null, "off");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(list("*")).isEmpty();
    }

    private Path used(String mapped) {
        assertThat(mapped).matches("\\[[0-9a-f]{16}-[0-9]+-[0-9a-f]+\\.jsa]");
        return archives.resolve(mapped.substring(1, mapped.length() - 1));
    }

    private static String keyOf(Path archive) {
        String name = archive.getFileName().toString();
        return name.substring(0, name.indexOf('-'));
    }

    private static void damage(Path archive) throws IOException {
        assertThat(archive.toFile().setWritable(true)).isTrue();
        try (RandomAccessFile file = new RandomAccessFile(archive.toFile(), "rw")) {
            file.seek(file.length() / 2);
            file.write(new byte[100_000]);
        }
    }

    /** A rehearsal that outlives its program leaves its work for the next one to adopt. */
    private void awaitMade() throws Exception {
        await("*.made");
    }

    private void await(String glob) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(AWAIT_SECONDS);
        while (list(glob).isEmpty()) {
            assertThat(System.nanoTime())
                    .as("nothing is made, there are %s", list("*"))
                    .isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private List<Path> list(String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(archives)) {
            try (var files = Files.newDirectoryStream(archives, glob)) {
                files.forEach(found::add);
            }
        }
        return found;
    }

    /** Runs the program; what it says of archives. It must say nothing else. */
    private String run(Path javaHome, String coordinator) throws Exception {
        Process process = start(javaHome, coordinator, archives.toString());
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String errors = Files.readString(directory.resolve("errors"));
        assertThat(process.exitValue()).as(errors).isZero();
        assertThat(errors.lines().filter(line -> !line.startsWith("SLF4J"))).isEmpty();
        List<String> lines = Files.readAllLines(directory.resolve("output"), StandardCharsets.UTF_8);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).isEqualTo("result 42");
        assertThat(lines.get(1)).startsWith("archives ");
        return lines.get(1).substring("archives ".length());
    }

    private Process start(Path javaHome, String coordinator, String choice) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(javaHome.resolve("bin").resolve("java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        if (coordinator != null && Runtime.version().feature() >= FIRST_THAT_WARNS) {
            // The transport's libraries. A program that has a coordinator runs on this JVM's JDK.
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of("-cp", classPath(), "archived.Main"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(ClassDataArchives.VARIABLE, choice);
        if (coordinator != null) {
            builder.environment().put(ProcessPoolExecutor.COORDINATOR_VARIABLE, coordinator);
        }
        return builder.redirectOutput(directory.resolve("output").toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
    }

    private String classPath() {
        return String.join(
                File.pathSeparator, classPath.stream().map(Path::toString).toList());
    }

    private void compile(Path classes) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        said,
                        said,
                        "--release",
                        "17",
                        "-cp",
                        classPath(),
                        "-d",
                        classes.toString(),
                        SOURCE.toString());
        assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
    }

    /** Farpool's class directories as jars, and what it needs. */
    private static void copyJars(Path jars) throws IOException {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path) && !path.endsWith("test-classes")) {
                jar(path, jars.resolve("farpool-" + path.getParent().getParent().getFileName() + ".jar"));
            } else if (!entry.endsWith("-tests.jar")
                    && entry.matches(
                            ".*/(farpool|kryo|grpc|protobuf|slf4j-api|jspecify|guava|perfmark|failureaccess)[^/]*\\.jar")) {
                Files.copy(path, jars.resolve(path.getFileName()));
            }
        }
    }

    private static void jar(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream zip = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                zip.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
    }
}

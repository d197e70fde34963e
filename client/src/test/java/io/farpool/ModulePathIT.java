package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.farpool.contract.Jdk;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program on the module path whose own module opens nothing, run without any {@code --add-opens}. */
@Timeout(180)
class ModulePathIT {
    private static final Path SOURCES = Path.of("src", "test", "resources", "modular");

    @TempDir
    Path directory;

    @Test
    @DisplayName("what a closed module ships, and what it is refused with the package to open")
    void shipsFromAClosedModule() throws Exception {
        check(Path.of(System.getProperty("java.home")));
    }

    @Test
    @DisplayName("the same on another JDK")
    void shipsFromAClosedModuleOnAnotherJdk() throws Exception {
        Jdk other = Jdk.newestBut(Runtime.version().feature());
        assumeTrue(other != null, "SKIPPED: there is no second JDK of 17 or newer on this machine");
        check(other.home());
    }

    private void check(Path javaHome) throws Exception {
        Path modulePath = compile();
        Path output = directory.resolve("output");
        Path errors = directory.resolve("errors");
        Process process = new ProcessBuilder(
                        javaHome.resolve("bin").resolve("java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--module-path",
                        modulePath.toString(),
                        // What Farpool needs are automatic modules and others, which nothing here requires by name.
                        "--add-modules",
                        "ALL-MODULE-PATH,jdk.unsupported",
                        "--module",
                        "modular/modular.Main")
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            assertThat(process.waitFor(150, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        Map<String, String> said = new LinkedHashMap<>();
        for (String line : Files.readAllLines(output, StandardCharsets.UTF_8)) {
            int colon = line.indexOf(": ");
            said.put(line.substring(0, Math.max(colon, 0)), line.substring(colon < 0 ? 0 : colon + 2));
        }
        String stderr = Files.readString(errors);
        assertThat(process.exitValue()).as(stderr).isZero();
        assertThat(said)
                .containsEntry("named", "true")
                .containsEntry("there", "false")
                .containsEntry("lambda", "42")
                .containsEntry("reference", "42")
                .containsEntry("record", "Point[x=2, y=1]")
                .containsEntry("class", "b[Point[x=1, y=2]]0")
                .containsEntry("array", "Point[x=3, y=4]")
                .containsEntry("map", "{k=[Point[x=5, y=6]]}")
                .containsEntry("enum", "10 FAST")
                .containsEntry("lambda back", "42")
                .containsEntry("exception", "rejected 9")
                .containsEntry("after", "[2, 4, 6]");
        for (String refused : List.of("plain class", "plain record", "plain back")) {
            assertThat(said.get(refused))
                    .contains(refused.equals("plain record") ? "PlainRecord" : "Plain")
                    .contains("does not open modular. Write \"opens modular;\" into its module-info")
                    .contains("or make the class Serializable");
        }
        assertThat(said.get("plain class")).contains("module modular does not open");
        assertThat(withoutLogging(stderr)).isEmpty();
    }

    /** SLF4J says on stderr that nobody logs; that is this program's choice. */
    private static String withoutLogging(String stderr) {
        return String.join(
                "\n", stderr.lines().filter(line -> !line.startsWith("SLF4J")).toList());
    }

    /** Farpool and what it needs, as automatic modules, and the program's module. */
    private Path compile() throws IOException {
        Path modules = Files.createDirectory(directory.resolve("modules"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                if (Files.exists(path.resolve("io/farpool/ProcessPoolExecutor.class"))) {
                    jar(path, modules.resolve("farpool-client.jar"));
                } else if (!path.endsWith("test-classes")) {
                    jar(
                            path,
                            modules.resolve(
                                    "farpool-" + path.getParent().getParent().getFileName() + ".jar"));
                }
            } else if (!entry.endsWith("-tests.jar")
                    && entry.matches(
                            ".*/(farpool|kryo|grpc|protobuf|slf4j|jspecify|guava|perfmark|failureaccess)[^/]*\\.jar")) {
                Files.copy(path, modules.resolve(path.getFileName()));
            }
        }
        Path program = directory.resolve("program");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(
                List.of("--release", "17", "--module-path", modules.toString(), "-d", program.toString()));
        try (Stream<Path> sources = Files.walk(SOURCES)) {
            sources.filter(Files::isRegularFile).map(Path::toString).forEach(arguments::add);
        }
        int status = ToolProvider.getSystemJavaCompiler().run(null, said, said, arguments.toArray(String[]::new));
        assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
        jar(program, modules.resolve("modular.jar"));
        return modules;
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

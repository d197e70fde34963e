package io.farpool.builds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Class paths that are long, damaged, hostile, or too new for a host. */
@Timeout(240)
@ExtendWith(Cluster.Shared.class)
class BadClassPathIT {
    private static final int MANY = 3_000;
    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"?(\\d+)");

    private static final String MAIN =
            """
            package app;
            import io.farpool.*;
            public class Main {
                public static void main(String[] args) {
                    for (String coordinator : args) {
                        ProcessPoolExecutor.Builder builder = ProcessPoolExecutor.builder().maxWorkers(1);
                        if (!coordinator.equals("embedded")) {
                            builder.coordinator(coordinator);
                        }
                        try (PoolExecutor pool = builder.build()) {
                            Throwable failure;
                            try {
                                failure = pool.submit(() -> 6 * 7).exception();
                            } catch (BrokenExecutorException e) {
                                failure = e; // the pool knew it before the submit
                            }
                            System.out.println((coordinator.equals("embedded") ? coordinator : "cluster") + ": "
                                + (failure == null ? "well" : failure.getClass().getSimpleName() + " "
                                + failure.getMessage().replace('\\n', ' ')));
                        }
                    }
                }
            }
            """;

    @TempDir
    Path directory;

    private Path classes;

    @BeforeEach
    void compile() throws IOException {
        classes = Javac.compile(
                directory.resolve("classes"), Builds.joined(Builds.libraries()), Map.of("app.Main", MAIN));
    }

    private Map<String, String> run(List<Path> before, String... arguments) throws Exception {
        String classPath = Stream.of(before, List.of(classes), Builds.libraries())
                .flatMap(List::stream)
                .map(Path::toString)
                .collect(Collectors.joining(":"));
        Path argumentFile = Files.writeString(directory.resolve("arguments"), "-cp\n\"" + classPath + "\"\n");
        List<String> command = new ArrayList<>(List.of("@" + argumentFile, "app.Main"));
        command.addAll(List.of(arguments));
        return Program.java(directory, command.toArray(String[]::new)).run().values();
    }

    private Path jar(String name, String entry, String content) throws IOException {
        Path jar = directory.resolve(name);
        Files.createDirectories(jar.getParent());
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(entry));
            zip.write(content.getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }
        return jar;
    }

    @Test
    @DisplayName("a class path of 3,000 jars works")
    void thousandsOfEntries(Cluster cluster) throws Exception {
        List<Path> many = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            many.add(jar("lib/library-with-a-name-of-some-length-" + i + ".jar", "resource" + i, "" + i));
        }
        assertThat(run(many, "embedded", cluster.address()))
                .containsEntry("embedded", "well")
                .containsEntry("cluster", "well");
    }

    @Test
    @DisplayName("entries that do not exist are left out, as java does; names that lead out of a jar lead nowhere")
    void missingAndHostileEntries(Cluster cluster) throws Exception {
        Path hostile = jar("hostile.jar", "../../../../../../../../" + directory + "/slipped", "evil");
        List<Path> before = List.of(directory.resolve("missing.jar"), directory.resolve("missing"), hostile);

        assertThat(run(before, "embedded", cluster.address()))
                .containsEntry("embedded", "well")
                .containsEntry("cluster", "well");
        assertThat(directory.resolve("slipped")).doesNotExist();
    }

    @Test
    @DisplayName("a jar that cannot be read is named by the futures of its program, and touches no other")
    void brokenJar(Cluster cluster) throws Exception {
        Path broken = Files.writeString(directory.resolve("broken.jar"), "this is no jar");

        assertThat(run(List.of(broken), "embedded", cluster.address()))
                .as("java itself overlooks it, so an embedded pool does too")
                .containsEntry("embedded", "well")
                .hasEntrySatisfying("cluster", failure -> assertThat(failure)
                        .startsWith("BrokenExecutorException")
                        .contains("the class path's entry " + broken + " cannot be read: "));
        assertThat(run(List.of(), cluster.address())).containsEntry("cluster", "well");
    }

    @Test
    @DisplayName("a host whose JDK is older than the program's classes says so")
    void olderJdk() throws Exception {
        int own = Runtime.version().feature();
        Path other = otherJdk(own);
        assumeTrue(other != null, "SKIPPED: there is no second JDK of 17 or newer on this machine");
        int otherFeature = feature(other);
        Path ownHome = Path.of(System.getProperty("java.home"));
        Path older = own < otherFeature ? ownHome : other;
        Path newer = own < otherFeature ? other : ownHome;
        int newerFeature = Math.max(own, otherFeature);
        Path source = Files.writeString(directory.resolve("Main.java"), MAIN);
        Program.Said compiler = Program.of(
                        directory,
                        newer.resolve("bin").resolve("javac").toString(),
                        "--release",
                        "" + newerFeature,
                        "-cp",
                        Builds.joined(Builds.libraries()),
                        "-d",
                        classes.toString(),
                        source.toString())
                .run();
        assertThat(compiler.status()).as(compiler.errors()).isZero();

        try (Cluster cluster = new Cluster(older)) {
            Program.Said said = Program.java(
                            newer,
                            directory,
                            "-cp",
                            Builds.joined(classes, Builds.libraries()),
                            "app.Main",
                            "embedded",
                            cluster.address())
                    .run();
            assertThat(said.values())
                    .containsEntry("embedded", "well")
                    .hasEntrySatisfying("cluster", failure -> assertThat(failure)
                            .contains("the code needs a JDK " + newerFeature + " or newer, and the host has a JDK "
                                    + Math.min(own, otherFeature)));
        }
    }

    private static @Nullable Path otherJdk(int feature) throws IOException {
        Path place = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(place)) {
            return null;
        }
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(place)) {
            for (Path home : homes) {
                if (Files.isExecutable(home.resolve("bin").resolve("javac"))
                        && feature(home) >= 17
                        && feature(home) != feature) {
                    return home;
                }
            }
        }
        return null;
    }

    private static int feature(Path home) throws IOException {
        Path release = home.resolve("release");
        Matcher version = VERSION.matcher(Files.exists(release) ? Files.readString(release) : "");
        return version.find() ? Integer.parseInt(version.group(1)) : 0;
    }
}

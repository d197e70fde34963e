package io.farpool.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The distribution")
class DistributionIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Path home = FarpoolProcess.distribution();

    @Test
    void givesADaemonNeitherTheClientNorKryoNorTheExamples() throws IOException {
        assertThat(jars("lib"))
                .anyMatch(name -> name.startsWith("farpool-coordinator-"))
                .anyMatch(name -> name.startsWith("farpool-worker-"))
                .anyMatch(name -> name.startsWith("farpool-deploy-"))
                .noneMatch(name ->
                        name.matches("(farpool-client|farpool-examples|kryo|progressbar|jline|junit|assertj).*"));
    }

    @Test
    void hasInItsExamplesWhatIsNotInItsLibraryAndNoTestCode() throws IOException {
        assertThat(jars("lib/examples"))
                .anyMatch(name -> name.startsWith("farpool-client-"))
                .anyMatch(name -> name.startsWith("farpool-examples-"))
                .anyMatch(name -> name.startsWith("kryo5-"))
                .anyMatch(name -> name.startsWith("progressbar-"))
                .noneMatch(name -> name.matches("(junit|assertj|kubernetes|archunit|jackson|slf4j-simple).*"))
                .doesNotContainAnyElementsOf(jars("lib"));
    }

    @Test
    void isPackedAsItIsUnpacked() throws Exception {
        Path archive = Path.of(System.getProperty("farpool.root"), "deploy", "target", home.getFileName() + ".tar.gz");
        try (FarpoolProcess tar = FarpoolProcess.start(Map.of(), List.of("tar", "-tzvf", archive.toString()))) {
            assertThat(tar.awaitExit(DEADLINE)).isZero();
            assertThat(tar.stdout().lines())
                    .anyMatch(
                            line -> line.startsWith("-rwxr-xr-x") && line.endsWith(home.getFileName() + "/bin/farpool"))
                    .anyMatch(line -> line.endsWith("/LICENSE"))
                    .anyMatch(line -> line.endsWith("/systemd/farpool-worker.service"));
            for (String directory : List.of("lib", "lib/examples")) {
                for (String jar : jars(directory)) {
                    assertThat(tar.stdout()).contains(home.getFileName() + "/" + directory + "/" + jar + "\n");
                }
            }
        }
    }

    @Test
    void runsFromAnywhereThroughASymbolicLinkAndFromADirectoryWithASpaceInItsName(@TempDir Path directory)
            throws Exception {
        Path moved = directory.resolve("a b");
        copy(home, moved);
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("a b", "bin", "farpool"));
        Path linkToLink = Files.createSymbolicLink(directory.resolve("farpool"), link);
        assertVersion(Map.of(), moved.resolve("bin/farpool"));
        assertVersion(Map.of(), linkToLink);
    }

    @Test
    void runsOnTheJavaOfJavaHomeWithTheOptionsGiven() throws Exception {
        assertVersion(
                Map.of("JAVA_HOME", System.getProperty("java.home"), "FARPOOL_JAVA_OPTS", "-Xmx64m -XX:+UseParallelGC"),
                home.resolve("bin/farpool"));
        try (FarpoolProcess wrong = FarpoolProcess.farpool(Map.of("JAVA_HOME", "/no/such/java"), "--version")) {
            assertThat(wrong.awaitExit(DEADLINE)).isEqualTo(1);
            assertThat(wrong.stderr())
                    .isEqualTo("farpool: JAVA_HOME is '/no/such/java', expected a directory with bin/java in it\n");
        }
    }

    @Test
    void refusesAnOldJavaInOneLine(@TempDir Path oldJava) throws Exception {
        Path java = Files.createDirectories(oldJava.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nexit 99\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(oldJava.resolve("release"), "JAVA_VERSION=\"11.0.20\"\n");
        try (FarpoolProcess old = FarpoolProcess.farpool(Map.of("JAVA_HOME", oldJava.toString()), "--version")) {
            assertThat(old.awaitExit(DEADLINE)).isEqualTo(1);
            assertThat(old.stderr()).isEqualTo("farpool: " + java + " is Java 11, expected 17 or later\n");
        }
    }

    @Test
    void listsTheExamplesAndNamesThemForOneThatIsNotThere() throws Exception {
        try (FarpoolProcess list = FarpoolProcess.farpool("example");
                FarpoolProcess none = FarpoolProcess.farpool("example", "prims")) {
            assertThat(list.awaitExit(DEADLINE)).as(list.toString()).isZero();
            assertThat(list.stdout()).contains("primes", "images", "logs", "switch");
            assertThat(none.awaitExit(DEADLINE)).as(none.toString()).isEqualTo(2);
            assertThat(none.stderr().lines()).singleElement().asString().contains("'prims'", "primes", "switch");
        }
    }

    private void assertVersion(Map<String, String> environment, Path script) throws Exception {
        try (FarpoolProcess version = FarpoolProcess.start(environment, List.of(script.toString(), "--version"))) {
            assertThat(version.awaitExit(DEADLINE)).as(version.toString()).isZero();
            assertThat(version.stdout())
                    .startsWith(home.getFileName().toString().replace('-', ' ').replace(" S", "-S"));
            assertThat(version.stderr()).isEmpty();
        }
    }

    private List<String> jars(String directory) throws IOException {
        try (Stream<Path> files = Files.list(home.resolve(directory))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file).toString()),
                        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}

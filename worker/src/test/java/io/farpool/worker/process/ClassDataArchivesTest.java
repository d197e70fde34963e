package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.farpool.proto.v1.EnvironmentVariable;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.worker.hosting.ProcessKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a shell script in the place of java, which notes how it was called and leaves a file for an archive. */
@Timeout(120)
class ClassDataArchivesTest {
    private static final ProcessSpec SPEC =
            ProcessSpec.newBuilder().setMainClass("a.Main").build();
    private static final long SOON = 0;
    private static final long NEVER = 3_600_000;

    @TempDir
    Path directory;

    private Path archives;
    private Path calls;
    private List<String> classPath;
    private ClassDataArchives own;

    @BeforeEach
    void makeJar() throws IOException {
        assumeTrue(Rehearsal.isPossible(), "SKIPPED: there is no setsid or no shell here");
        archives = Files.createDirectory(directory.resolve("archives"));
        calls = directory.resolve("calls");
        classPath = List.of(
                Files.writeString(directory.resolve("runtime.jar"), "").toString(),
                directory.resolve("program").toString());
    }

    @AfterEach
    void close() {
        if (own != null) {
            own.close();
        }
    }

    private JavaRuntime java(String name, String script) throws IOException {
        Path home = directory.resolve(name);
        Files.createDirectories(home.resolve("lib"));
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), name);
        Files.writeString(home.resolve("lib").resolve("modules"), name);
        Path java = Files.writeString(
                home.resolve("bin").resolve("java"),
                """
                #!/bin/sh
                for argument; do case $argument in -XX:ArchiveClassesAtExit=*) archive=${argument#*=};; esac; done
                """
                        + script + "\necho \"$@\" >> " + calls + "\nexit $code\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        return new JavaRuntime(java, 17);
    }

    private JavaRuntime working() throws IOException {
        return java("working", "echo archive > $archive; code=0");
    }

    private Path find(JavaRuntime java) {
        return find(java, SPEC);
    }

    private Path find(JavaRuntime java, ProcessSpec spec) {
        return own.find(java, new ProcessKind(spec, classPath, 1), 1L << 30);
    }

    private Path await(JavaRuntime java) throws InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        for (Path found = find(java); ; found = find(java)) {
            if (found != null || System.nanoTime() > deadline) {
                return found;
            }
            Thread.sleep(10);
        }
    }

    private List<String> awaitCalls(int count) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (true) {
            List<String> lines = Files.exists(calls) ? Files.readAllLines(calls) : List.of();
            if (lines.size() >= count || System.nanoTime() > deadline) {
                return lines;
            }
            Thread.sleep(10);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> found = Files.list(archives)) {
            return found.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void theFirstProcessGoesWithoutAndALaterOneHasIt() throws Exception {
        own = ClassDataArchives.in(archives, false, SOON);
        JavaRuntime java = working();
        assertThat(find(java)).isNull();
        assertThat(await(java)).hasContent("archive");
        assertThat(awaitCalls(1)).singleElement().satisfies(call -> assertThat(call)
                .contains("-XX:+UseSerialGC")
                .contains(" -cp " + classPath.get(0) + " a.Main rehearse ")
                .doesNotContain("program"));
        assertThat(names()).singleElement().asString().endsWith(".jsa");
    }

    @Test
    void aRehearsalThatFailsIsNotTriedAgainAndLeavesNothing() throws Exception {
        own = ClassDataArchives.in(archives, false, SOON);
        JavaRuntime failing = java("failing", "echo half > $archive; code=1");
        assertThat(find(failing)).isNull();
        assertThat(awaitCalls(1)).hasSize(1);
        // One at a time: when the next has been, this one has ended.
        assertThat(await(working())).isNotNull();
        assertThat(find(failing)).isNull();
        assertThat(awaitCalls(2)).hasSize(2);
        assertThat(names()).singleElement().asString().endsWith(".jsa");
        own.close();
        assertThat(awaitCalls(2)).hasSize(2);
    }

    @Test
    void whatSomebodyElseHasLeftHalfMadeIsMadeOnceThatIsGone() throws Exception {
        own = ClassDataArchives.in(archives, false, SOON);
        JavaRuntime java = working();
        String key =
                ArchiveKey.of(java, SPEC.getMainClass(), classPath, 1, 1L << 30).name();
        Path left = Files.createFile(archives.resolve(key + "-0123.part"));
        assertThat(find(java)).isNull();
        // One at a time: when this one has been made, the other was looked at.
        assertThat(await(java("another", "echo archive > $archive; code=0"))).isNotNull();
        assertThat(awaitCalls(1)).hasSize(1);
        assertThat(find(java)).isNull();
        Files.delete(left);
        assertThat(await(java)).isNotNull();
    }

    @Test
    void whatASessionChoosesIsLeftAlone() throws Exception {
        own = ClassDataArchives.in(archives, false, SOON);
        JavaRuntime java = working();
        assertThat(find(java)).isNull();
        assertThat(await(java)).isNotNull();
        for (String option : List.of(
                "-Xshare:off",
                "-XX:SharedArchiveFile=/own.jsa",
                "-XX:AOTCache=/own.aot",
                "-XX:+AutoCreateSharedArchive",
                "-XX:ArchiveClassesAtExit=/own.jsa",
                "-Djava.system.class.loader=Own")) {
            assertThat(find(java, SPEC.toBuilder().addJvmOptions(option).build()))
                    .as(option)
                    .isNull();
        }
        ProcessSpec byEnvironment = SPEC.toBuilder()
                .addEnvironment(EnvironmentVariable.newBuilder()
                        .setName("JAVA_TOOL_OPTIONS")
                        .setValue("-Xshare:off"))
                .build();
        assertThat(find(java, byEnvironment)).isNull();
        assertThat(find(java, SPEC.toBuilder().addJvmOptions("-Xmx64m").build()))
                .isNotNull();
        assertThat(own.find(java, new ProcessKind(SPEC, classPath, 0), 1L << 30))
                .isNull();
    }

    @Test
    void aUsersRehearsalThatIsDueBeginsWhenThePoolCloses() throws Exception {
        own = ClassDataArchives.in(archives, true, NEVER);
        JavaRuntime java = working();
        assertThat(find(java)).isNull();
        own.close();
        assertThat(awaitCalls(1)).hasSize(1);
        try (ClassDataArchives next = ClassDataArchives.in(archives, true, NEVER)) {
            own = next;
            assertThat(await(java)).isNotNull();
        }
    }

    @Test
    void aHostsRehearsalEndsWithIt() throws Exception {
        own = ClassDataArchives.in(archives, false, SOON);
        Path pid = directory.resolve("pid");
        JavaRuntime java = java("slow", "echo $$ > " + pid + ".new; mv " + pid + ".new " + pid + "; sleep 300; code=0");
        assertThat(find(java)).isNull();
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!Files.exists(pid)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(10);
        }
        long started = Long.parseLong(Files.readString(pid).strip());
        own.close();
        // At once: the JVM may end with this call.
        assertThat(names()).isEmpty();
        ProcessHandle.of(started)
                .ifPresent(process -> assertThat(process.onExit()).succeedsWithin(Duration.ofSeconds(60)));
    }

    @Test
    void withoutADirectoryThereAreNone() throws Exception {
        own = ClassDataArchives.in(null, true, SOON);
        assertThat(find(working())).isNull();
        own.close();
        own = ClassDataArchives.none();
        assertThat(find(working())).isNull();
        own.close();
        assertThat(Files.exists(calls)).isFalse();
    }
}

package io.farpool.builds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Code that changes between two runs of a program, and code that differs between two programs. */
@Timeout(180)
@ExtendWith(Cluster.Shared.class)
class ChangingCodeIT {
    private static final int CLASSES = 250;

    @TempDir
    Path directory;

    @Test
    @DisplayName("after an edit only the jar that holds the edited class travels, and the tasks see the edit")
    void editedClass(Cluster cluster) throws Exception {
        Path classes = directory.resolve("classes");
        String libraries = Builds.joined(Builds.libraries());
        Javac.compile(classes, libraries, program());
        long programBytes = bytes(classes);
        assertThat(programBytes).isGreaterThan(600_000);
        String classPath = classes + ":" + libraries;
        Program program = Program.java(directory, "-cp", classPath, "app.Main", cluster.address());

        Program.Said first = program.run();
        Program.Said unchanged = program.run();
        Javac.compile(classes, classPath, Map.of("app.Part7", part(7, 7_000)));
        Program.Said edited = program.run();

        assertThat(first.values()).containsEntry("sum", "" + CLASSES * (CLASSES - 1) / 2);
        assertThat(first.sent()[1]).isGreaterThan(programBytes);
        assertThat(unchanged.values()).isEqualTo(first.values());
        assertThat(unchanged.sent()).containsExactly(0, 0);
        assertThat(edited.values()).containsEntry("sum", "" + (CLASSES * (CLASSES - 1) / 2 + 6_993));
        assertThat(edited.sent()[0]).isBetween(1L, 2L);
        assertThat(edited.sent()[1]).isBetween(1L, programBytes / 8);
    }

    private static Map<String, String> program() {
        Map<String, String> sources = new LinkedHashMap<>();
        StringBuilder sum = new StringBuilder("0");
        for (int i = 0; i < CLASSES; i++) {
            sources.put("app.Part" + i, part(i, i));
            sum.append(" + Part").append(i).append(".number()");
        }
        sources.put(
                "app.Main",
                """
                package app;
                import io.farpool.*;
                public class Main {
                    public static void main(String[] args) {
                        try (PoolExecutor pool = ProcessPoolExecutor.connect(args[0])) {
                            System.out.println("sum: " + pool.submit(() -> %s).result());
                        }
                    }
                }
                """
                        .formatted(sum));
        return sources;
    }

    /** Some kilobytes; nothing of it is public, so all parts must be in one package at run time. */
    private static String part(int name, int number) {
        String text = ("line " + name + "\\n").repeat(300);
        return "package app; class Part" + name + " { static int number() { return TEXT.isEmpty() ? 0 : " + number
                + "; } static final String TEXT = String.valueOf(\"" + text + "\"); }";
    }

    private static long bytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    @DisplayName("two programs with two versions of a library run on one host at the same time")
    void conflictingVersions(Cluster cluster) throws Exception {
        String libraries = Builds.joined(Builds.libraries());
        String main =
                """
                package app;
                import io.farpool.*;
                import java.nio.file.*;
                public class Main {
                    public static void main(String[] args) {
                        Path mine = Path.of(args[1]);
                        Path others = Path.of(args[2]);
                        try (PoolExecutor pool = ProcessPoolExecutor.connect(args[0])) {
                            System.out.println("version: " + pool.submit(() -> {
                                Files.createFile(mine);
                                for (int i = 0; i < 6000 && !Files.exists(others); i++) {
                                    Thread.sleep(10);
                                }
                                return lib.Library.version() + (Files.exists(others) ? ", both at once" : ", alone");
                            }).result());
                        }
                    }
                }
                """;
        Program.Running[] running = new Program.Running[2];
        List<Path> marks = List.of(directory.resolve("mark1"), directory.resolve("mark2"));
        for (int i = 0; i < 2; i++) {
            Path classes = Javac.compile(
                    directory.resolve("lib" + i),
                    libraries,
                    Map.of(
                            "lib.Library",
                            "package lib; public class Library { public static String version() { return \"" + (i + 1)
                                    + ".0\"; } }"));
            Path library = Javac.jar(
                    classes, Files.createDirectories(directory.resolve("v" + i)).resolve("library.jar"));
            Path program =
                    Javac.compile(directory.resolve("app" + i), library + ":" + libraries, Map.of("app.Main", main));
            running[i] = Program.java(
                            directory,
                            "-cp",
                            program + ":" + library + ":" + libraries,
                            "app.Main",
                            cluster.address(),
                            marks.get(i).toString(),
                            marks.get(1 - i).toString())
                    .start();
        }
        for (int i = 0; i < 2; i++) {
            assertThat(running[i].end().values()).containsEntry("version", (i + 1) + ".0, both at once");
        }
    }
}

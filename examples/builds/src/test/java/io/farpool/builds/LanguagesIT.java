package io.farpool.builds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jetbrains.kotlin.cli.common.ExitCode;
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Programs in other languages: their lambdas, classes and collections. */
@Timeout(240)
@ExtendWith(Cluster.Shared.class)
class LanguagesIT {
    private static final Path SOURCES = Path.of("src", "test", "resources", "languages");

    @TempDir
    Path directory;

    @Test
    @DisplayName("Kotlin")
    void kotlin(Cluster cluster) throws Exception {
        List<Path> libraries = new ArrayList<>(Builds.libraries());
        libraries.addAll(Builds.ownEntries(entry -> entry.matches(".*/kotlin-stdlib-[0-9.]+\\.jar")));
        Path classes = Files.createDirectory(directory.resolve("classes"));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ExitCode status = new K2JVMCompiler()
                .exec(
                        new PrintStream(said, true, StandardCharsets.UTF_8),
                        "-no-stdlib",
                        "-no-reflect",
                        "-jvm-target",
                        "17",
                        "-classpath",
                        Builds.joined(libraries),
                        "-d",
                        classes.toString(),
                        SOURCES.resolve("Jobs.kt").toString());
        assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isEqualTo(ExitCode.OK);

        Map<String, String> values = run(cluster, classes, libraries, "jobs.JobsKt");

        for (String where : List.of("embedded", "cluster")) {
            Map<String, String> expected = new LinkedHashMap<>();
            expected.put("lambda", "42");
            expected.put("reference", "[2, 4, 6]");
            expected.put("data class", "Point(x=2, y=1)");
            expected.put("data object", "true");
            expected.put("sealed", "Circle(radius=2.5)");
            expected.put("enum", "10");
            expected.put("object", "3");
            expected.put("plain object", "true");
            expected.put("companion", "true");
            // Kotlin computes a lazy value when it is serialized.
            expected.put("class", "4");
            expected.put("collections", "{list=[1, 2], pair=(1, c), range=1..3, set=[x], one=[1], empty=[]}");
            expected.put("value class", "ADA");
            expected.put("anonymous object", "8");
            expected.put("serializable function", "8");
            expected.put("failure", "true 10 is too big");
            expected.forEach((name, value) -> assertThat(values).containsEntry(where + " " + name, value));
            assertThat(values.get(where + " function")).contains("lambda");
        }
    }

    @Test
    @DisplayName("Scala")
    void scala(Cluster cluster) throws Exception {
        List<Path> libraries = new ArrayList<>(Builds.libraries());
        libraries.addAll(Builds.ownEntries(entry -> entry.matches(".*/scala3?-library(_3)?-[0-9.]+\\.jar")));
        Path classes = Files.createDirectory(directory.resolve("classes"));
        boolean failed = dotty.tools.dotc.Main.process(new String[] {
                    "-classpath",
                    Builds.joined(libraries),
                    "-d",
                    classes.toString(),
                    SOURCES.resolve("Jobs.scala").toString()
                })
                .hasErrors();
        assertThat(failed).as("the compiler's errors are in this test's output").isFalse();

        Map<String, String> values = run(cluster, classes, libraries, "jobs.Jobs");

        for (String where : List.of("embedded", "cluster")) {
            Map<String, String> expected = new LinkedHashMap<>();
            expected.put("lambda", "42");
            expected.put("reference", "[2, 4, 6]");
            expected.put("case class", "Point(2,1)");
            expected.put("case object", "true");
            expected.put("plain object", "true");
            expected.put("sealed", "Circle(2.5)");
            expected.put("enum", "true");
            expected.put("enum with a value", "Custom(2)");
            expected.put("object", "3");
            expected.put("class", "6");
            expected.put(
                    "collections",
                    "List(Vector(1, 2), Map(a -> 1), Set(1), Some(3), None, (1,two), Range 1 to 3, List(),"
                            + " ListMap(k -> v), TreeMap(1 -> a, 2 -> b), Left(1))");
            expected.put("lazy list", "List(1, 2)");
            expected.put("large map", "1004");
            expected.put("function", "16");
            expected.put("anonymous class", "8");
            expected.put("failure", "true 10 is too big");
            expected.forEach((name, value) -> assertThat(values).containsEntry(where + " " + name, value));
        }
    }

    private Map<String, String> run(Cluster cluster, Path classes, List<Path> libraries, String main) throws Exception {
        return Program.java(directory, "-cp", Builds.joined(classes, libraries), main, cluster.address())
                .run()
                .values();
    }
}

package io.farpool.builds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One program, packaged and started in every way. */
@Timeout(180)
@ExtendWith(Cluster.Shared.class)
class PackagingIT {
    private static final String MAIN = "org.example.jobs.Main";

    @TempDir
    Path directory;

    /** What the program says when all is well, of this machine's processes and of the cluster's. */
    static Map<String, String> expected(String... places) {
        Map<String, String> expected = new LinkedHashMap<>();
        for (String where : places) {
            expected.put(where + " lambda", "42");
            expected.put(where + " reference", "[1, 2, 3]");
            expected.put(where + " record", "Point[x=2, y=2]");
            expected.put(where + " resource", "to do");
            expected.put(where + " service", "hello");
            expected.put(where + " library", "false");
            expected.put(where + " failure", "3 is odd");
            expected.put(where + " elsewhere", "true");
        }
        return expected;
    }

    private static void check(Program.Said said) {
        assertThat(said.values()).as(said.errors()).isEqualTo(expected("embedded", "cluster"));
    }

    @Test
    @DisplayName("java -cp with a directory and jars")
    void directoriesAndJars(Cluster cluster) throws Exception {
        check(Program.java(
                        directory, "-cp", Builds.joined(Builds.classes(), Builds.libraries()), MAIN, cluster.address())
                .run());
    }

    @Test
    @DisplayName("java -cp with a star for the jars of a directory")
    void jarsOfADirectory(Cluster cluster) throws Exception {
        Path lib = Builds.DIRECTORY.resolve("lib");
        check(Program.java(directory, "-cp", Builds.jar("") + ":" + lib + "/*", MAIN, cluster.address())
                .run());
    }

    @Test
    @DisplayName("java -jar, with a Class-Path in the manifest")
    void manifestClassPath(Cluster cluster) throws Exception {
        check(Program.java(directory, "-jar", Builds.jar("").toString(), cluster.address())
                .run());
    }

    @Test
    @DisplayName("java -jar of a Spring Boot jar, whose libraries are jars inside it")
    void springBoot(Cluster cluster) throws Exception {
        Path jar = Builds.jar("-boot");
        Program.Said said = Program.java(directory, "-jar", jar.toString(), cluster.address())
                .run();
        check(said);
        assertThat(said.sent()[1])
                .as("the outer jar is not sent besides what is in it")
                .isLessThan(Files.size(jar));
    }

    @Test
    @DisplayName("java -jar of one jar of everything, relocated, Farpool and Kryo too")
    void relocated(Cluster cluster) throws Exception {
        Path jar = Builds.jar("-shaded");
        check(Program.java(
                        directory,
                        "-Dorg.example.hidden.slf4j.simpleLogger.log.org.example.hidden.farpool.session=debug",
                        "-jar",
                        jar.toString(),
                        cluster.address())
                .run());
    }

    @Test
    @DisplayName("java --module-path")
    void modulePath(Cluster cluster) throws Exception {
        check(Program.java(
                        directory,
                        "--module-path",
                        Builds.joined(Builds.jar(""), Builds.libraries()),
                        "--add-modules",
                        "ALL-MODULE-PATH,jdk.unsupported",
                        "--module",
                        "farpool.builds/" + MAIN,
                        cluster.address())
                .run());
    }

    @Test
    @DisplayName("Gradle's build/classes/java/main and build/resources/main")
    void gradle(Cluster cluster) throws Exception {
        Path classes = directory.resolve("build/classes/java/main");
        Path resources = directory.resolve("build/resources/main");
        try (Stream<Path> files = Files.walk(Builds.classes())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path name = Builds.classes().relativize(file);
                Path copy = (name.toString().endsWith(".class") ? classes : resources).resolve(name);
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        String classPath = classes + ":" + resources + ":" + Builds.joined(Builds.libraries());
        check(Program.java(directory, "-cp", classPath, MAIN, cluster.address()).run());
    }

    @Test
    @DisplayName("mvn exec:java, which loads the program in a class loader of its own")
    void execJava(Cluster cluster) throws Exception {
        Path maven = Path.of(Builds.property("maven"), "bin", "mvn");
        check(Program.of(
                        writePom(cluster.address()),
                        maven.toString(),
                        "--offline",
                        "--quiet",
                        "--batch-mode",
                        "-Dmaven.repo.local=" + Builds.property("repository"),
                        "org.codehaus.mojo:exec-maven-plugin:" + Builds.property("exec.version") + ":java")
                .environment("JAVA_HOME", System.getProperty("java.home"))
                .environment("MAVEN_OPTS", "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"))
                .environment("MAVEN_ARGS", "")
                .run());
    }

    /** Of a project without sources or dependencies of its own, as its jars are in no repository. */
    private Path writePom(String argument) throws IOException {
        StringBuilder elements = new StringBuilder();
        for (Path entry : Stream.concat(Stream.of(Builds.classes()), Builds.libraries().stream())
                .toList()) {
            elements.append("<additionalClasspathElement>").append(entry).append("</additionalClasspathElement>");
        }
        Files.writeString(
                directory.resolve("pom.xml"),
                """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>org.example</groupId>
                  <artifactId>jobs</artifactId>
                  <version>1</version>
                  <build><plugins><plugin>
                    <groupId>org.codehaus.mojo</groupId>
                    <artifactId>exec-maven-plugin</artifactId>
                    <version>%s</version>
                    <configuration>
                      <mainClass>%s</mainClass>
                      <arguments><argument>%s</argument></arguments>
                      <additionalClasspathElements>%s</additionalClasspathElements>
                    </configuration>
                  </plugin></plugins></build>
                </project>
                """
                        .formatted(Builds.property("exec.version"), MAIN, argument, elements));
        return directory;
    }
}

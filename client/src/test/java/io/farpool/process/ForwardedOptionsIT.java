package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolExecutor;
import io.farpool.ProcessPoolExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The options of a program reach its worker processes, wherever its JVM has them from. */
class ForwardedOptionsIT {
    private static final List<String> OPTIONS =
            List.of("-ea", "--add-opens", "java.base/java.lang=ALL-UNNAMED", "-Duser.timezone=Asia/Tokyo");
    /** The operating system tells other processes, and Java, no more than 4,096 bytes of a command line. */
    private static final String LONG_TAIL = IntStream.range(0, 200)
            .mapToObj(i -> ":/not/there/%04d-of-many.jar".formatted(i))
            .collect(Collectors.joining());

    @TempDir
    Path directory;

    /** Says what a task sees of them. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            try (PoolExecutor pool = ProcessPoolExecutor.create(1)) {
                System.out.println(pool.submit(Program::seen).result());
            }
        }

        private static List<Object> seen() {
            return List.of(
                    Program.class.desiredAssertionStatus(),
                    Object.class.getModule().isOpen("java.lang", Program.class.getModule()),
                    TimeZone.getDefault().getID());
        }
    }

    private String outputOf(Map<String, String> environment, List<String> options, String classPath)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        // What the program is given is not the JVM's.
        command.addAll(List.of("-cp", classPath, Program.class.getName(), "-data", "--add-modules", "none"));
        Path output = directory.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return Files.readString(output);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }

    @Test
    void fromACommandLineOfAnyLength() throws IOException, InterruptedException {
        assertThat(outputOf(Map.of(), List.of(), classPath()))
                .contains("[false, false, ")
                .doesNotContain("Tokyo");
        assertThat(outputOf(Map.of(), OPTIONS, classPath() + LONG_TAIL)).contains("[true, true, Asia/Tokyo]");
    }

    @Test
    void fromAnArgumentFile() throws IOException, InterruptedException {
        Path file = Files.write(directory.resolve("options"), OPTIONS);
        assertThat(outputOf(Map.of(), List.of("@" + file), classPath())).contains("[true, true, Asia/Tokyo]");
    }

    @Test
    void fromTheEnvironment() throws IOException, InterruptedException {
        Map<String, String> variable = Map.of("JDK_JAVA_OPTIONS", String.join(" ", OPTIONS));
        assertThat(outputOf(variable, List.of(), classPath())).contains("[true, true, Asia/Tokyo]");
    }
}

package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolExecutor;
import io.farpool.ProcessPoolExecutor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The options of a program reach its worker processes, wherever its JVM has them from. */
@Timeout(120)
class ForwardedOptionsIT {
    private static final List<String> OPTIONS =
            List.of("-ea", "--add-opens", "java.base/java.lang=ALL-UNNAMED", "-Duser.timezone=Asia/Tokyo");
    /** The operating system tells other processes, and Java, no more than 4,096 bytes of a command line. */
    private static final String LONG_TAIL = IntStream.range(0, 200)
            .mapToObj(i -> ":/not/there/%04d-of-many.jar".formatted(i))
            .collect(Collectors.joining());

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

    private static String outputOf(Map<String, String> environment, List<String> options, String classPath)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, Program.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return output;
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
    void fromAnArgumentFile(@TempDir Path directory) throws IOException, InterruptedException {
        Path file = Files.write(directory.resolve("options"), OPTIONS);
        assertThat(outputOf(Map.of(), List.of("@" + file), classPath())).contains("[true, true, Asia/Tokyo]");
    }

    @Test
    void fromTheEnvironment() throws IOException, InterruptedException {
        Map<String, String> variable = Map.of("JDK_JAVA_OPTIONS", String.join(" ", OPTIONS));
        assertThat(outputOf(variable, List.of(), classPath())).contains("[true, true, Asia/Tokyo]");
    }
}

package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract line 32, in a JVM of its own. */
@Timeout(60)
class MainReturnIT {
    private static PoolExecutor newPool(String kind) {
        return kind.equals("threads") ? ThreadPoolExecutor.create(2) : ProcessPoolExecutor.create(2);
    }

    /** Leaves a pool open with work in it. */
    static final class ReturnsWithWork {
        public static void main(String[] args) {
            PoolExecutor pool = newPool(args[0]);
            for (int i = 0; i < 6; i++) {
                int number = i;
                pool.submit(() -> {
                            Thread.sleep(100);
                            return number;
                        })
                        .addDoneCallback(future -> System.out.println("done " + future.result()));
            }
            System.out.println("main returns");
        }
    }

    /** Leaves a pool open and idle, and one never used. */
    static final class ReturnsIdle {
        public static void main(String[] args) {
            PoolExecutor unused = newPool(args[0]);
            PoolExecutor pool = newPool(args[0]);
            int result = pool.with(TaskOptions.defaults().timeout(Duration.ofMinutes(1)))
                    .submit(() -> 7)
                    .result();
            System.out.println(result + " " + unused.isShutdown());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads", "processes"})
    @DisplayName(
            "32. a JVM whose main returns without shutdown finishes its pending futures first, then exits by itself")
    void finishesPendingFutures(String kind) throws Exception {
        assertThat(outputOf(ReturnsWithWork.class, kind))
                .containsSubsequence("main returns", "done")
                .contains("done 0", "done 1", "done 2", "done 3", "done 4", "done 5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads", "processes"})
    @DisplayName("32. an idle pool holds up no exit")
    void exitsWhenIdle(String kind) throws Exception {
        assertThat(outputOf(ReturnsIdle.class, kind)).contains("7 false");
    }

    private static String outputOf(Class<?> main, String kind)
            throws IOException, InterruptedException, TimeoutException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        kind)
                .redirectErrorStream(true)
                .start();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                throw new TimeoutException("it does not exit");
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}

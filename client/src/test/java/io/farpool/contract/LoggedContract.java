package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.RemoteRunnable;
import io.farpool.ThreadPoolExecutor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract lines 5 and 18, where they say that something is logged: in a program of its own, which has a log. */
public abstract class LoggedContract extends Contract {
    @Test
    @DisplayName("5. what the initializer throws is logged")
    void logsWhatTheInitializerThrows() throws Exception {
        assertThat(outputOf(BadInitializer.class))
                .contains("failed")
                .anyMatch(line -> line.startsWith("LOG ERROR") && line.contains("no licence"));
    }

    @Test
    @DisplayName("18. what a callback throws is logged, and so is what an executed task throws")
    void logsWhatACallbackThrows() throws Exception {
        assertThat(outputOf(BadCallback.class))
                .contains("9")
                .anyMatch(line -> line.startsWith("LOG ERROR") && line.contains("the callback's own"))
                .anyMatch(line -> line.startsWith("LOG ") && line.contains("the executed task's own"));
    }

    private List<String> outputOf(Class<?> main) throws IOException, InterruptedException {
        String coordinator = backend() instanceof ProcessBackend processes ? processes.coordinator() : null;
        try (ClientProgram program =
                ClientProgram.start(directory, main, coordinator, "" + backend().processes())) {
            List<String> lines = new ArrayList<>();
            String line;
            while ((line = program.readLine()) != null) {
                lines.add(line);
            }
            assertThat(program.exitStatus()).as(program.errors()).isZero();
            return lines;
        }
    }

    private static PoolExecutor pool(String[] args, @Nullable RemoteRunnable initializer) {
        if (!Boolean.parseBoolean(args[1])) {
            return ThreadPoolExecutor.builder()
                    .maxWorkers(1)
                    .initializer(initializer)
                    .build();
        }
        ProcessPoolExecutor.Builder builder = new ProcessBackend(args[0].isEmpty() ? null : args[0]).builder(1);
        return builder.initializer(initializer).build();
    }

    /** A program: {@code COORDINATOR PROCESSES}. */
    @SuppressWarnings("SystemOut")
    static final class BadInitializer {
        private BadInitializer() {}

        public static void main(String[] args) {
            PrintedLog.use();
            try (PoolExecutor pool = pool(args, () -> {
                throw new IllegalStateException("no licence");
            })) {
                System.out.println(pool.submit(Tasks::square, 3).exception() == null ? "not failed" : "failed");
            }
        }
    }

    /** A program: {@code COORDINATOR PROCESSES}. */
    @SuppressWarnings("SystemOut")
    static final class BadCallback {
        private BadCallback() {}

        public static void main(String[] args) throws InterruptedException {
            PrintedLog.use();
            try (PoolExecutor pool = pool(args, null)) {
                pool.execute(() -> {
                    throw new IllegalStateException("the executed task's own");
                });
                PoolFuture<Integer> future = pool.submit(Tasks::square, 3);
                future.addDoneCallback(done -> {
                    throw new IllegalStateException("the callback's own");
                });
                CountDownLatch through = new CountDownLatch(1);
                future.addDoneCallback(done -> through.countDown());
                System.out.println(through.await(Await.LONG.toSeconds(), TimeUnit.SECONDS) ? future.result() : -1);
            }
        }
    }
}

package io.farpool.deploy.program;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.TaskContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs one task that waits until somebody makes a file, and some after it that do not, and prints where each of them ran and
 * how often it was started, in the order in which they were submitted.
 */
public final class WaitingTasks {
    private static final int POLL_MILLIS = 20;

    private WaitingTasks() {}

    static String waiting(String directory) throws IOException, InterruptedException {
        String here = here();
        Files.createFile(
                Path.of(directory, "started-on-" + TaskContext.current().host()));
        while (!Files.exists(Path.of(directory, "go"))) {
            Thread.sleep(POLL_MILLIS);
        }
        return here;
    }

    static String here() {
        return TaskContext.current().host() + " attempt "
                + TaskContext.current().attempt();
    }

    /** Runs them; the arguments are the directory, and how many do not wait. */
    public static void main(String[] args) {
        String directory = args[0];
        try (PoolExecutor pool = ProcessPoolExecutor.create()) {
            PoolFuture<String> first = pool.submit(() -> waiting(directory));
            List<PoolFuture<String>> others = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                others.add(pool.submit(WaitingTasks::here));
            }
            others.forEach(other -> System.out.println("other: " + other.result()));
            System.out.println("waiting: " + first.result());
        }
    }
}

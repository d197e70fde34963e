package io.farpool.bench.driver;

import io.farpool.PoolFuture;
import io.farpool.ProcessContext;
import io.farpool.ProcessPoolExecutor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A whole program that wants one result, and says when it got how far: {@code ADDRESS LOG}, with {@code -} as the address for an
 * embedded pool. Its worker process logs the classes that it loads. Times are those of {@link System#nanoTime}, which on Linux is
 * one clock for all processes of a machine.
 */
public final class FirstResult {
    private FirstResult() {}

    public static void main(String[] args) {
        Map<String, String> steps = new LinkedHashMap<>();
        say(steps, "main", System.nanoTime());
        ProcessPoolExecutor.Builder builder = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .processContext(
                        ProcessContext.defaults().jvmOptions("-Xlog:class+load:file=" + args[1] + ":timenanos"));
        if (!args[0].equals("-")) {
            builder.coordinator(args[0]);
        }
        try (ProcessPoolExecutor pool = builder.build()) {
            say(steps, "made", System.nanoTime());
            PoolFuture<Long> first = pool.submit(() -> System.nanoTime());
            say(steps, "submitted", System.nanoTime());
            long entered = first.result();
            say(steps, "result", System.nanoTime());
            PoolFuture<Long> second = pool.submit(() -> System.nanoTime());
            long ignored = second.result();
            say(steps, "second", System.nanoTime());
            say(steps, "entered", entered);
        }
        say(steps, "closed", System.nanoTime());
        System.out.println(new Request(Request.ANSWER, steps).line());
        System.out.flush();
    }

    private static void say(Map<String, String> steps, String step, long nanos) {
        steps.put(step, Long.toString(nanos));
    }
}

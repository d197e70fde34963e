package io.farpool.bench.harness;

import io.farpool.bench.system.Kind;
import java.io.IOException;
import java.util.Map;

/** What queued tasks take of memory: a driver of its own each round, whose slots are blocked. */
final class QueueMemory implements Measurement {
    private final Setup setup;
    private final Kind kind;
    private final int tasks;

    QueueMemory(Setup setup, Kind kind, int tasks) {
        this.setup = setup;
        this.kind = kind;
        this.tasks = tasks;
    }

    @Override
    public Map<String, Double> measure() throws IOException, InterruptedException {
        Program driver = Program.driver(setup, kind, 1, setup.slots());
        try {
            // What is loaded and made with the first tasks is not theirs.
            Map<String, Double> ignored = driver.ask("throughput tasks=200 seconds=0");
            Map<String, Double> blocked = driver.ask("block");
            long before = bytes(driver.tree());
            double queuedBefore = blocked.getOrDefault("blocked", 0.0);
            double queued = driver.ask("queue tasks=" + tasks).getOrDefault("queued", 0.0);
            return Map.of("bytes_per_task", (bytes(driver.tree()) - before) / (queued - queuedBefore));
        } finally {
            // Its slots are blocked for longer than anybody would wait.
            driver.kill();
            driver.close();
        }
    }

    private long bytes(ProcessTree tree) throws IOException, InterruptedException {
        return kind.isJava() ? tree.liveHeapBytes() : tree.residentBytes();
    }

    @Override
    public void close() {}
}

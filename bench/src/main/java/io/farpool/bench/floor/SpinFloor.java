package io.farpool.bench.floor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Child processes that compute, and never wait for the next task: each has one ahead. Every answer is followed by a message through
 * the relay, there and back: what a cluster that tells of each result at once cannot do without.
 */
final class SpinFloor implements AutoCloseable {
    /** Tasks that a child has: the one that it runs, and the next. */
    private static final int IN_FLIGHT = 2;

    private final RelayClient relay;
    private final List<UnixChild> children = new ArrayList<>();
    private final ExecutorService threads;

    SpinFloor(Children processes, RelayClient relay, int slots) throws IOException {
        this.relay = relay;
        for (int i = 0; i < slots; i++) {
            children.add(new UnixChild(processes));
        }
        threads = Executors.newFixedThreadPool(slots);
    }

    /** Runs so many tasks, each of so many nanoseconds of CPU time. Gives the nanoseconds that passed while they ran, in all. */
    long run(int tasks, long cpuNanos) throws InterruptedException, ExecutionException {
        List<Callable<Long>> slots = new ArrayList<>();
        for (int i = 0; i < children.size(); i++) {
            UnixChild child = children.get(i);
            int its = tasks / children.size() + (i < tasks % children.size() ? 1 : 0);
            slots.add(() -> run(child, its, cpuNanos));
        }
        long busyNanos = 0;
        for (Future<Long> slot : threads.invokeAll(slots)) {
            busyNanos += slot.get();
        }
        return busyNanos;
    }

    private long run(UnixChild child, int tasks, long cpuNanos) throws IOException, InterruptedException {
        byte[] message = new byte[UnixEcho.MESSAGE_BYTES];
        long busyNanos = 0;
        int sent = 0;
        for (int done = 0; done < tasks; done++) {
            while (sent < Math.min(done + IN_FLIGHT, tasks)) {
                child.send(cpuNanos);
                sent++;
            }
            busyNanos += child.receive();
            relay.exchange(message, 1, 1);
        }
        return busyNanos;
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        for (UnixChild child : children) {
            child.close();
        }
    }
}

package io.farpool.bench.floor;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What there is without a pool, its processes included: client → gRPC relay → worker → back in three processes, and children at the
 * other ends of Unix sockets. For one thread.
 */
public final class Floor implements AutoCloseable {
    private static final int SMALL_BYTES = 64;
    private static final int CHUNK_BYTES = 1 << 20;
    /** Messages on their way, when the rate counts. */
    private static final int WINDOW = 256;

    private final Children children = new Children();
    private final RelayClient client;
    private final UnixChild unix;
    private @Nullable SpinFloor spinning;

    /** Starts all of it. */
    public Floor() throws IOException, InterruptedException {
        try {
            String address = Children.line(children.start(Relay.class, List.of()));
            String ignored = Children.line(children.start(RelayWorker.class, List.of(), address));
            client = new RelayClient(address);
            // The worker's stream may open a moment after it has said so: the first message shows.
            Thread.sleep(500);
            unix = new UnixChild(children);
        } catch (IOException | InterruptedException | RuntimeException failure) {
            children.close();
            throw failure;
        }
    }

    /** Microseconds of each of so many round trips of a small message through the relay, one after another. */
    public double[] relayRoundTrips(int times) throws InterruptedException {
        byte[] message = new byte[SMALL_BYTES];
        double[] micros = new double[times];
        for (int i = 0; i < times; i++) {
            long begun = System.nanoTime();
            client.exchange(message, 1, 1);
            micros[i] = (System.nanoTime() - begun) / 1e3;
        }
        return micros;
    }

    /** The same, between this process and a child over a Unix socket. */
    public double[] unixRoundTrips(int times) throws IOException {
        double[] micros = new double[times];
        for (int i = 0; i < times; i++) {
            long begun = System.nanoTime();
            unix.send(0);
            unix.receive();
            micros[i] = (System.nanoTime() - begun) / 1e3;
        }
        return micros;
    }

    /** Milliseconds of each of so many round trips of a payload through the relay, in chunks where it is larger than one. */
    public double[] echoes(int bytes, int times) throws InterruptedException {
        int chunk = Math.min(bytes, CHUNK_BYTES);
        byte[] message = new byte[chunk];
        Arrays.fill(message, (byte) 7);
        double[] millis = new double[times];
        for (int i = 0; i < times; i++) {
            long begun = System.nanoTime();
            client.exchange(message, Math.max(1, bytes / chunk), Integer.MAX_VALUE);
            millis[i] = (System.nanoTime() - begun) / 1e6;
        }
        return millis;
    }

    /** Seconds that so many messages of so many bytes take there and back, many on their way at once. */
    public double batches(int messages, int bytes) throws InterruptedException {
        byte[] message = new byte[bytes];
        long begun = System.nanoTime();
        client.exchange(message, messages, WINDOW);
        return (System.nanoTime() - begun) / 1e9;
    }

    /**
     * So many tasks, each of so many nanoseconds of CPU time, on so many child processes; see {@link SpinFloor}. Gives the
     * nanoseconds that passed while they ran, in all.
     */
    public long spin(int tasks, long cpuNanos, int slots) throws IOException, InterruptedException, ExecutionException {
        if (spinning == null) {
            spinning = new SpinFloor(children, client, slots);
        }
        return spinning.run(tasks, cpuNanos);
    }

    @Override
    public void close() throws IOException {
        if (spinning != null) {
            spinning.close();
        }
        unix.close();
        children.close();
    }
}

package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.payload.PayloadSenders;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.proto.v1.ClusterGrpc;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.PoolGrpc;
import io.farpool.wire.SerialQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinator's services around one scheduling core, with the serial queue and the thread that drive it.
 * Thread-safe.
 */
public final class Endpoints implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Endpoints.class);
    private static final long CLOSE_MILLIS = 2_000;

    private final Switchboard switchboard;
    private final SerialQueue<Runnable> queue;
    private final Ticker ticker;
    private final PoolEndpoint pool;
    private final HostsEndpoint hosts;
    private final ClusterEndpoint cluster;
    private final PayloadSenders payloadSenders;

    /**
     * @param settings limits of the conversations
     * @param scheduling limits of the core
     * @param epoch names this coordinator's life; never 0
     * @param version Farpool's own, for people
     * @param blobs what bundles are made of
     * @param disk runs what looks for blobs
     */
    public Endpoints(
            EndpointSettings settings,
            SchedulerSettings scheduling,
            long epoch,
            String version,
            SessionBlobs blobs,
            Executor disk) {
        long startNanos = System.nanoTime();
        LongSupplier clockMillis = () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        switchboard = new Switchboard(settings, scheduling, epoch, blobs, clockMillis);
        ticker = new Ticker(clockMillis);
        queue = new SerialQueue<>(switchboard, ticker);
        pool = new PoolEndpoint(switchboard, queue, blobs, disk);
        hosts = new HostsEndpoint(switchboard, queue);
        cluster = new ClusterEndpoint(switchboard, queue, blobs, clockMillis, version);
        payloadSenders = switchboard.payloads().by(queue);
        ticker.start(switchboard, queue);
    }

    /** The clients' service. */
    public PoolGrpc.PoolImplBase pool() {
        return pool;
    }

    /** The hosts' service. */
    public HostsGrpc.HostsImplBase hosts() {
        return hosts;
    }

    /** The command line's service. */
    public ClusterGrpc.ClusterImplBase cluster() {
        return cluster;
    }

    /** Somebody asks for a blob that is not here: if a session needs it, its client is asked to send it again. */
    public void want(Digest digest) {
        queue.post(() -> switchboard.want(digest));
    }

    /** Who has large payloads, and may have them. */
    public PayloadSenders payloadSenders() {
        return payloadSenders;
    }

    /** Ends every stream with UNAVAILABLE and refuses new ones. Waits at most two seconds for that. */
    @Override
    public void close() {
        CountDownLatch done = new CountDownLatch(1);
        queue.postFromUser(() -> {
            switchboard.shutDown();
            done.countDown();
        });
        try {
            if (!done.await(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                log.warn("close: the queue did not come to an end within {} ms", CLOSE_MILLIS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        ticker.close();
    }
}

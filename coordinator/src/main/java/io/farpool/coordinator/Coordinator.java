package io.farpool.coordinator;

import io.farpool.coordinator.endpoint.Endpoints;
import io.farpool.coordinator.payload.PayloadsEndpoint;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.ClusterGrpc;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.PoolGrpc;
import io.farpool.wire.RandomBytes;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A coordinator without a transport: the scheduling core, its endpoints and the blob store, wired. Its services can
 * be put
 * behind a port ({@link CoordinatorServer}), or their stream observers joined directly to a client's and a daemon's
 * in the same JVM;
 * no transport is loaded for that.
 *
 * <p>Thread-safe. It has a daemon thread for what only time brings about, and a few for the disk while they are needed.
 */
public final class Coordinator implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Coordinator.class);

    private static final int DISK_THREADS = 4;

    private final long epoch;
    private final Endpoints endpoints;
    private final Blobs blobs;
    private final PayloadsEndpoint payloads;
    /** What waits here is bounded by the transport's flow control and by the calls in progress. */
    private final ThreadPoolExecutor disk;

    private Coordinator(CoordinatorSettings settings) {
        disk = new ThreadPoolExecutor(
                DISK_THREADS, DISK_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "farpool-coordinator-disk");
                    thread.setDaemon(true);
                    return thread;
                });
        disk.allowCoreThreadTimeOut(true);
        blobs = new Blobs(settings.dataDirectory(), settings.blobLimitBytes(), settings.blobMemory(), disk, this::want);
        epoch = newEpoch();
        endpoints = new Endpoints(settings.endpoints(), settings.scheduling(), epoch, version(), blobs, disk);
        payloads = new PayloadsEndpoint(endpoints.payloadSenders(), settings.maxTransfers(), disk);
        log.info("coordinator epoch={} version={} started", Long.toUnsignedString(epoch), version());
    }

    /** A coordinator with an empty memory. Its blob store is opened when it is first needed. */
    public static Coordinator create(CoordinatorSettings settings) {
        return new Coordinator(settings);
    }

    /** Opens the blob store now, so that a directory that cannot be used shows at the start. */
    void openBlobs() throws IOException {
        blobs.open();
    }

    private void want(Digest digest) {
        endpoints.want(digest);
    }

    private static long newEpoch() {
        long random = RandomBytes.nextLong();
        return random == 0 ? 1 : random;
    }

    static String version() {
        String version = Coordinator.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** What clients call. */
    public PoolGrpc.PoolImplBase pool() {
        return endpoints.pool();
    }

    /** What daemons attach to. */
    public HostsGrpc.HostsImplBase hosts() {
        return endpoints.hosts();
    }

    /** Where jars and shared values are kept. */
    public BlobsGrpc.BlobsImplBase blobs() {
        return blobs;
    }

    /** The way of large payloads between clients and hosts that share no files. */
    public PayloadsGrpc.PayloadsImplBase payloads() {
        return payloads;
    }

    /** What the command line asks. */
    public ClusterGrpc.ClusterImplBase cluster() {
        return endpoints.cluster();
    }

    /** Ends all streams with UNAVAILABLE, so that clients and hosts go elsewhere or wait, and stops. */
    @Override
    public void close() {
        endpoints.close();
        payloads.close();
        disk.shutdown();
        blobs.close();
        log.info("coordinator epoch={} stopped", Long.toUnsignedString(epoch));
    }
}

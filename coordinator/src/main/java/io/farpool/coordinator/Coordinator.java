package io.farpool.coordinator;

import io.farpool.coordinator.endpoint.Endpoints;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.ClusterGrpc;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.PoolGrpc;
import java.security.SecureRandom;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A coordinator without a transport: the scheduling core, its endpoints and the blob store, wired. Its services can be put
 * behind a port ({@link CoordinatorServer}), or their stream observers joined directly to a client's and a daemon's in the same JVM;
 * no transport is loaded for that.
 *
 * <p>Thread-safe. It has one daemon thread, for what only time brings about.
 */
public final class Coordinator implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Coordinator.class);

    private final long epoch;
    private final Endpoints endpoints;
    private final BlobsGrpc.BlobsImplBase blobs;

    private Coordinator(CoordinatorSettings settings, Predicate<Digest> blobPresent, BlobsGrpc.BlobsImplBase blobs) {
        this.blobs = blobs;
        epoch = newEpoch();
        endpoints = new Endpoints(settings.endpoints(), settings.scheduling(), epoch, version(), blobPresent);
        log.info("coordinator epoch={} version={} started", Long.toUnsignedString(epoch), version());
    }

    /**
     * A coordinator with a store of its own for blobs.
     *
     * @param blobPresent whether the store has a blob
     * @param blobs the store's service
     */
    public static Coordinator create(
            CoordinatorSettings settings, Predicate<Digest> blobPresent, BlobsGrpc.BlobsImplBase blobs) {
        return new Coordinator(settings, blobPresent, blobs);
    }

    private static long newEpoch() {
        long random = new SecureRandom().nextLong();
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

    /** What the command line asks. */
    public ClusterGrpc.ClusterImplBase cluster() {
        return endpoints.cluster();
    }

    /** Ends all streams with UNAVAILABLE, so that clients and hosts go elsewhere or wait, and stops. */
    @Override
    public void close() {
        endpoints.close();
        log.info("coordinator epoch={} stopped", Long.toUnsignedString(epoch));
    }
}

package io.farpool.coordinator;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.coordinator.blob.BlobsEndpoint;
import io.farpool.coordinator.blob.IgnoredPut;
import io.farpool.coordinator.blob.TransferMemory;
import io.farpool.coordinator.endpoint.SessionBlobs;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.FindMissingRequest;
import io.farpool.proto.v1.FindMissingResponse;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.proto.v1.PutRequest;
import io.farpool.proto.v1.PutResponse;
import io.farpool.temporary.TemporaryDirectory;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinator's blob store and its service, opened when first needed: an embedded pool uses its class path in place and never
 * does. Without a directory of its own it makes a temporary one, and removes it at the end. Thread-safe.
 */
final class Blobs extends BlobsGrpc.BlobsImplBase implements SessionBlobs, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Blobs.class);

    private final @Nullable Path directory;
    private final long limitBytes;
    private final TransferMemory memory;
    private final Executor disk;
    private final Consumer<Digest> wanted;

    // Guarded by this.
    private @Nullable TemporaryDirectory temporary;
    private @Nullable BlobStore store;
    private @Nullable BlobsEndpoint endpoint;
    private boolean closed;

    /**
     * As the store and its service have it.
     *
     * @param memory what blobs on their way may take
     * @param wanted is told of each blob that somebody asks for, a session holds, and is not here; must not block
     */
    Blobs(@Nullable Path directory, long limitBytes, TransferMemory memory, Executor disk, Consumer<Digest> wanted) {
        this.wanted = wanted;
        this.directory = directory;
        this.limitBytes = limitBytes;
        this.memory = memory;
        this.disk = disk;
    }

    synchronized BlobStore open() throws IOException {
        if (closed) {
            throw new IOException("the blob store is closed");
        }
        if (store == null) {
            Path place = directory;
            if (place == null) {
                TemporaryDirectory own = temporary;
                if (own == null) {
                    own = TemporaryDirectory.create(TemporaryDirectory.Kind.COORDINATOR);
                    temporary = own;
                }
                place = own.path().resolve("blobs");
            }
            BlobStore opened = BlobStore.open(place, limitBytes);
            store = opened;
            endpoint = new BlobsEndpoint(opened, memory, disk, absent -> {
                if (opened.isPinned(absent)) {
                    wanted.accept(absent.toWire());
                }
            });
        }
        return store;
    }

    private synchronized @Nullable BlobsEndpoint endpoint(StreamObserver<?> caller) {
        try {
            open();
        } catch (IOException failed) {
            log.warn("blobs=unavailable", failed);
            caller.onError(Status.UNAVAILABLE
                    .withDescription("the blob store cannot be opened: " + failed.getMessage())
                    .asRuntimeException());
            return null;
        }
        return endpoint;
    }

    @Override
    public List<Digest> hold(String holder, List<Digest> digests) throws IOException {
        return open().pin(holder, checked(digests)).stream()
                .map(BlobDigest::toWire)
                .toList();
    }

    @Override
    public synchronized void handOver(String holder, String sessionId) {
        if (store != null) {
            store.handOver(holder, sessionId);
        }
    }

    @Override
    public void holdShared(String sessionId, List<Digest> digests) {
        BlobStore current;
        synchronized (this) {
            current = store;
        }
        // A store that was never opened has not been given any: an embedded pool's are read in place.
        if (current != null) {
            try {
                current.pinAhead(sharedBy(sessionId), checked(digests));
            } catch (IOException closing) {
                log.debug("session={} hold_shared=failed", sessionId, closing);
            }
        }
    }

    @Override
    public void releaseShared(String sessionId, List<Digest> digests) {
        BlobStore current;
        synchronized (this) {
            current = store;
        }
        if (current != null) {
            current.unpin(sharedBy(sessionId), checked(digests));
        }
    }

    /** Apart from its class path, which it keeps whatever it releases. */
    private static String sharedBy(String sessionId) {
        return sessionId + "/shared";
    }

    private static List<BlobDigest> checked(List<Digest> digests) {
        return digests.stream().map(BlobDigest::of).toList();
    }

    @Override
    public synchronized void release(String holder) {
        if (store != null) {
            store.unpin(holder);
            store.unpin(sharedBy(holder));
        }
    }

    @Override
    public synchronized long received() {
        return endpoint == null ? 0 : endpoint.received();
    }

    @Override
    public synchronized long receivedBytes() {
        return endpoint == null ? 0 : endpoint.receivedBytes();
    }

    @Override
    public void findMissing(FindMissingRequest request, StreamObserver<FindMissingResponse> response) {
        BlobsEndpoint service = endpoint(response);
        if (service != null) {
            service.findMissing(request, response);
        }
    }

    @Override
    public StreamObserver<PutRequest> put(StreamObserver<PutResponse> response) {
        BlobsEndpoint service = endpoint(response);
        return service != null ? service.put(response) : new IgnoredPut();
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> response) {
        BlobsEndpoint service = endpoint(response);
        if (service != null) {
            service.get(request, response);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (store != null) {
            store.close();
        }
        if (temporary != null) {
            temporary.close();
        }
    }
}

package io.farpool.coordinator.blob;

import io.farpool.blob.BlobDigest;
import io.farpool.coordinator.transfer.TransferShares;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The blobs on their way up and down right now, with the memory that they take, and what has come up in all. Thread-safe. */
final class Transfers {
    private final TransferMemory memory;
    private final TransferShares<Object> up;
    private final TransferShares<Object> down;
    /** How many bring each blob. Bounded by the uploads. */
    private final Map<BlobDigest, Integer> onTheirWayUp = new ConcurrentHashMap<>();

    private final AtomicLong received = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();

    Transfers(TransferMemory memory) {
        this.memory = memory;
        up = new TransferShares<>(memory.bytes());
        down = new TransferShares<>(memory.bytes());
    }

    /** Room for one more upload of whoever calls, whose blob is not known yet; null if there is none. */
    TransferShares<Object>.@Nullable Place beginUpload() {
        return up.take(Callers.current(), memory.ofAnUnknownUpload());
    }

    /** Whether there is room for an upload of that blob. */
    boolean hasRoom(TransferShares<Object>.Place place, BlobDigest digest) {
        return place.change(memory.ofAnUpload(digest.sizeBytes()));
    }

    /** Room for one more download of whoever calls; null if there is none. */
    TransferShares<Object>.@Nullable Place beginDownload(BlobDigest digest) {
        return down.take(Callers.current(), memory.ofADownload(digest.sizeBytes()));
    }

    Status tooManyUploads() {
        return tooMany("received", up);
    }

    Status tooManyDownloads() {
        return tooMany("sent", down);
    }

    private static Status tooMany(String what, TransferShares<Object> shares) {
        return Status.UNAVAILABLE.withDescription(shares.places() + " blobs are being " + what
                + " already, which may take " + shares.taken() + " bytes of memory, of at most " + shares.most()
                + "; try again");
    }

    /** An upload brings this blob, until {@link #brought}. */
    void brings(BlobDigest digest) {
        onTheirWayUp.merge(digest, 1, Integer::sum);
    }

    /** The upload has ended, well or not. */
    void brought(BlobDigest digest) {
        onTheirWayUp.computeIfPresent(digest, (same, uploading) -> uploading == 1 ? null : uploading - 1);
    }

    boolean isOnItsWayUp(BlobDigest digest) {
        return onTheirWayUp.containsKey(digest);
    }

    /** A blob that was not here has been stored. */
    void stored(long bytes) {
        received.incrementAndGet();
        receivedBytes.addAndGet(bytes);
    }

    int inProgress() {
        return up.places() + down.places();
    }

    long received() {
        return received.get();
    }

    long receivedBytes() {
        return receivedBytes.get();
    }
}

package io.farpool.coordinator.blob;

import io.farpool.blob.BlobDigest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The blobs on their way up and down right now, and what has come up in all. Thread-safe. */
final class Transfers {
    private final AtomicInteger uploads = new AtomicInteger();
    private final AtomicInteger downloads = new AtomicInteger();
    /** How many bring each blob. Bounded by the uploads. */
    private final Map<BlobDigest, Integer> onTheirWayUp = new ConcurrentHashMap<>();

    private final AtomicLong received = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();

    /** One more, if there are fewer than so many; then {@link #uploadEnded} is to be called in the end. */
    boolean beginUpload(int most) {
        return begin(uploads, most);
    }

    /** As {@link #beginUpload}. */
    boolean beginDownload(int most) {
        return begin(downloads, most);
    }

    private static boolean begin(AtomicInteger count, int most) {
        if (count.incrementAndGet() <= most) {
            return true;
        }
        count.decrementAndGet();
        return false;
    }

    void uploadEnded() {
        uploads.decrementAndGet();
    }

    void downloadEnded() {
        downloads.decrementAndGet();
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
        return uploads.get() + downloads.get();
    }

    long received() {
        return received.get();
    }

    long receivedBytes() {
        return receivedBytes.get();
    }
}

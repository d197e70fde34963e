package io.farpool.blob;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who needs which blobs, here or still to come. Thread-safe, and never waits for the disk, whatever the store is doing there: who
 * pins and then looks finds either that the blob was evicted, or that it cannot be any more.
 */
final class BlobPins {
    private final Map<String, Set<BlobDigest>> byHolder = new LinkedHashMap<>();
    private final Map<BlobDigest, Integer> holders = new LinkedHashMap<>();

    /** Those of them that the holder had not pinned before. */
    synchronized Set<BlobDigest> add(String holder, Collection<BlobDigest> digests) {
        Set<BlobDigest> pins = byHolder.computeIfAbsent(holder, h -> new LinkedHashSet<>());
        Set<BlobDigest> added = new LinkedHashSet<>();
        for (BlobDigest digest : digests) {
            if (pins.add(digest)) {
                added.add(digest);
                holders.merge(digest, 1, Integer::sum);
            }
        }
        return added;
    }

    /** What the holder has not pinned is ignored. */
    synchronized void remove(String holder, Collection<BlobDigest> digests) {
        Set<BlobDigest> pins = byHolder.get(holder);
        if (pins == null) {
            return;
        }
        for (BlobDigest digest : digests) {
            if (pins.remove(digest)) {
                letGo(digest);
            }
        }
        if (pins.isEmpty()) {
            byHolder.remove(holder);
        }
    }

    /** All that the holder has pinned, if anything. */
    synchronized void removeAll(String holder) {
        Set<BlobDigest> pins = byHolder.remove(holder);
        if (pins != null) {
            pins.forEach(this::letGo);
        }
    }

    /** All that one holder has pinned, the other has pinned instead, beside its own. There is no moment in between without a pin. */
    synchronized void handOver(String from, String to) {
        Set<BlobDigest> pins = byHolder.remove(from);
        if (pins == null) {
            return;
        }
        Set<BlobDigest> before = byHolder.putIfAbsent(to, pins);
        if (before != null) {
            for (BlobDigest digest : pins) {
                if (!before.add(digest)) {
                    letGo(digest);
                }
            }
        }
    }

    private synchronized void letGo(BlobDigest digest) {
        holders.computeIfPresent(digest, (d, count) -> count == 1 ? null : count - 1);
    }

    /** Whether anybody has pinned it. */
    synchronized boolean contains(BlobDigest digest) {
        return holders.containsKey(digest);
    }
}

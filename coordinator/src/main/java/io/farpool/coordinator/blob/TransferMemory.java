package io.farpool.coordinator.blob;

import io.farpool.wire.Protocol;

/**
 * What blobs on their way may take of a coordinator's memory, in its heap and beside it, and how that is reckoned: each as if it had
 * to wait in the middle, an upload for the disk and a download for its receiver.
 *
 * @param bytes that those on their way up may take together, and as many again those on their way down
 * @param streamWindowBytes what the transport takes of a stream before anybody has asked for it
 */
public record TransferMemory(long bytes, int streamWindowBytes) {
    /** Beside its bytes: objects of a transfer and its call, here and in the transport. That bounds how many there are. */
    private static final long OWN_BYTES = 64 << 10;

    /** Chunks of an upload that are here at once: one is written while the next is on the wire. */
    static final int UPLOAD_CHUNKS = 2;

    /** A download is read and sent in pieces of so much, of which two are here at most: one that the transport still has, and the next. */
    static final int DOWNLOAD_PIECE_BYTES = 256 << 10;

    private static final int DOWNLOAD_PIECES = 2;

    /** Uploads of any size that there is room for, however small the heap is. */
    private static final int FEWEST_UPLOADS = 4;
    /** Those up and those down together take no more than a quarter of what the heap may. */
    private static final int HEAP_FOR_A_BYTE = 8;

    /** What there is room for in such a heap, when each upload may have so much on its way in. */
    public static TransferMemory inAHeapOf(long heapBytes, int streamWindowBytes) {
        long leastBytes = FEWEST_UPLOADS * new TransferMemory(0, streamWindowBytes).ofAnUpload(Long.MAX_VALUE);
        return new TransferMemory(Math.max(leastBytes, heapBytes / HEAP_FOR_A_BYTE), streamWindowBytes);
    }

    /** Of an upload whose first message, which says how large it will be, has not come yet. */
    long ofAnUnknownUpload() {
        return OWN_BYTES + Protocol.CHUNK_BYTES;
    }

    long ofAnUpload(long sizeBytes) {
        return OWN_BYTES + Math.min(sizeBytes, streamWindowBytes + (long) UPLOAD_CHUNKS * Protocol.CHUNK_BYTES);
    }

    long ofADownload(long sizeBytes) {
        return OWN_BYTES + Math.min(sizeBytes, (long) DOWNLOAD_PIECES * DOWNLOAD_PIECE_BYTES);
    }
}

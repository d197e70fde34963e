package io.farpool.wire;

/** The version of the wire contract, and the limits that both ends of it hold. */
public final class Protocol {
    /** What Open, Attach and a process's hello carry. Peers of different versions refuse each other. */
    public static final int VERSION = 1;

    /** The largest piece a blob is sent in. */
    public static final int CHUNK_BYTES = 1 << 20;

    /** The largest gRPC message either end of a stream accepts; a batch is closed well before. */
    public static final int MAX_MESSAGE_BYTES = 16 << 20;

    /** The largest payload inside a message; a larger one travels apart. An array of 1 MiB, with the call that it is for, is not larger. */
    public static final int MAX_INLINE_PAYLOAD_BYTES = (1 << 20) + (64 << 10);

    /** The largest payload that travels apart: more than any disk has, and so little that sums of some thousands are numbers. */
    public static final long MAX_PAYLOAD_BYTES = 1L << 50;

    /** A batch is sent when its payloads have grown past this, so that many small tasks never make one huge message. */
    public static final int BATCH_BYTES = 1 << 20;

    /** The largest frame between a daemon and a worker process; whatever is in one goes on in a message, with a batch before it. */
    public static final int MAX_FRAME_BYTES = MAX_MESSAGE_BYTES / 2;

    /** The most slots that a host has. */
    public static final int MAX_SLOTS = 100_000;

    private Protocol() {}
}

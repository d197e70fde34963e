package io.farpool.coordinator.payload;

import io.farpool.proto.v1.ReceiveRequest;
import io.grpc.Status;

/** Knows who has a payload, who may have it, and how to ask for it. Thread-safe, and never waits. */
public interface PayloadSenders {

    /** Whoever waits for a payload. Called by anybody, and answers at once. */
    interface Receiver {
        /**
         * It may have the payload, and the sender is asked for it: now, or when it is there again.
         *
         * @param sizeBytes how large it is; {@link Long#MAX_VALUE} if only the sender knows
         */
        void expect(long sizeBytes);

        /** It will not come. */
        void refuse(Status status);
    }

    /**
     * Asks for a payload, again whenever its sender has a new stream, until that has begun to send or the receiver has given
     * up.
     *
     * @param transfer what the sender is to call it by
     */
    void ask(ReceiveRequest request, long transfer, Receiver receiver);

    /** The sender has begun, or nobody waits for it any more. */
    void stopAsking(long transfer);
}

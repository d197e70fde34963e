package io.farpool.coordinator.payload;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** The coordinator's real relay of large payloads, on somebody else's clock and without a thread. */
public final class VirtualPayloads {
    private VirtualPayloads() {}

    /**
     * Makes one.
     *
     * @param stall how long a transfer may stand still
     * @param afterStall runs what it is given after that time
     * @param random names transfers
     */
    public static PayloadsEndpoint create(
            PayloadSenders senders, int maxTransfers, Duration stall, Executor afterStall, LongSupplier random) {
        return new PayloadsEndpoint(senders, maxTransfers, stall, afterStall, Runnable::run, random);
    }
}

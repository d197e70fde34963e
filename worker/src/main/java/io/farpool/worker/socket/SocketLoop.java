package io.farpool.worker.socket;

import java.io.IOException;
import java.nio.channels.SelectableChannel;

/**
 * One thread that waits for sockets, and serves those that are ready one after another: whatever it calls must not block.
 * What is thrown at it is logged, and ends nothing. Thread-safe.
 */
public interface SocketLoop {
    /**
     * Waits for a socket too.
     *
     * @param channel in non-blocking mode
     * @param operations what is waited for, of the bits of {@link java.nio.channels.SelectionKey}
     * @param ready called on the loop's thread
     * @throws IOException when the channel is closed, or the loop is
     */
    Registration register(SelectableChannel channel, int operations, Ready ready) throws IOException;

    /**
     * Runs this on the loop's thread, in the order they came. One that is asked for by what serves a socket runs after the other
     * sockets that were found ready with that one.
     *
     * @return false when the loop has ended: it will not run
     */
    boolean execute(Runnable errand);

    /** What is called when a socket is ready. */
    @FunctionalInterface
    interface Ready {
        /** The socket is ready for these operations. */
        void ready(int operations);
    }

    /** A socket that is waited for. */
    interface Registration {
        /** What is waited for from now on. For any thread; what was said last counts. Nothing happens when the socket is closed. */
        void await(int operations);

        /** It is waited for no more. For the loop's thread; to be called before its channel is closed. */
        void cancel();
    }
}

package io.farpool.worker.link;

import io.farpool.worker.socket.SocketLoop;
import io.grpc.netty.shaded.io.netty.channel.IoEventLoop;
import io.grpc.netty.shaded.io.netty.channel.IoRegistration;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoOps;
import io.grpc.netty.shaded.io.netty.channel.nio.NioSelectableChannelIoHandle;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loop on the thread of a connection: what arrives by one of its sockets can be sent by the connection, and the other way
 * round, without waking another thread. It ends with the connection's event loop, which closes the sockets that are left.
 */
final class EventLoopSockets implements SocketLoop {
    private static final Logger log = LoggerFactory.getLogger(EventLoopSockets.class);

    private final IoEventLoop eventLoop;

    /** On an event loop that waits by NIO. */
    EventLoopSockets(IoEventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    @Override
    public Registration register(SelectableChannel channel, int operations, Ready ready) throws IOException {
        Future<IoRegistration> registering;
        try {
            registering = eventLoop.register(new Socket(channel, ready)).awaitUninterruptibly();
        } catch (RejectedExecutionException over) {
            throw new IOException("the connection's event loop has ended", over);
        }
        if (!registering.isSuccess()) {
            throw new IOException("the connection's event loop cannot wait for a socket", registering.cause());
        }
        Registration registration = new Waiting(registering.getNow());
        registration.await(operations);
        return registration;
    }

    @Override
    public boolean execute(Runnable errand) {
        try {
            eventLoop.execute(() -> guarded(errand));
            return true;
        } catch (RejectedExecutionException over) {
            return false;
        }
    }

    /** What the event loop catches itself, it logs where few look. */
    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error bug) {
            log.error("event=bug thread={}", Thread.currentThread().getName(), bug);
        }
    }

    private final class Waiting implements Registration {
        private final IoRegistration registration;
        private volatile int wanted;

        Waiting(IoRegistration registration) {
            this.registration = registration;
        }

        @Override
        public void await(int operations) {
            wanted = operations;
            if (eventLoop.inEventLoop()) {
                submit();
            } else {
                execute(this::submit); // which wakes it too
            }
        }

        private void submit() {
            try {
                registration.submit(NioIoOps.valueOf(wanted));
            } catch (CancelledKeyException closedMeanwhile) {
                // Nothing to wait for.
            }
        }

        @Override
        public void cancel() {
            registration.cancel();
        }
    }

    private static final class Socket extends NioSelectableChannelIoHandle<SelectableChannel> {
        private final Ready ready;

        Socket(SelectableChannel channel, Ready ready) {
            super(channel);
            this.ready = ready;
        }

        @Override
        protected void handle(SelectableChannel channel, SelectionKey key) {
            int operations;
            try {
                operations = key.readyOps();
            } catch (CancelledKeyException closedMeanwhile) {
                return;
            }
            guarded(() -> ready.ready(operations));
        }
    }
}

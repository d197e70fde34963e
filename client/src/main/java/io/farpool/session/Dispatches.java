package io.farpool.session;

import io.farpool.payload.PayloadDispatch;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.PayloadsGrpc;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the large payloads that hosts ask for, some at a time and in the order they were asked for. Thread-safe.
 *
 * <p>A coordinator relays a thousand at once, so it does not ask for more. What is asked for beyond {@link #MOST_WAITING} is not
 * answered: whoever waits for it asks again after a time.
 */
final class Dispatches {
    /** What was asked for. */
    interface Wanted {
        /** The payload's file, as of now; null if it is not needed any more. */
        @Nullable
        PayloadFile file();

        /** The file is not there, though it is needed. */
        void missing(PayloadFile file);
    }

    /** Payloads sent at one time. */
    static final int MOST_AT_ONCE = 4;

    /** Payloads asked for and not begun. */
    static final int MOST_WAITING = 4_096;

    private record Dispatch(long transfer, Wanted wanted) {}

    private static final Logger log = LoggerFactory.getLogger(Dispatches.class);

    private final Supplier<PayloadsGrpc.@Nullable PayloadsStub> line;
    private final Executor executor;

    // Guarded by this.
    private final ArrayDeque<Dispatch> waiting = new ArrayDeque<>();
    private int running;

    /**
     * @param line the way to the coordinator; null if nothing is ever sent there
     * @param executor runs what blocks on files
     */
    Dispatches(Supplier<PayloadsGrpc.@Nullable PayloadsStub> line, Executor executor) {
        this.line = line;
        this.executor = executor;
    }

    /** Sends this when its turn comes. Does not block. */
    synchronized void send(long transfer, Wanted wanted) {
        if (waiting.size() >= MOST_WAITING) {
            log.warn(
                    "event=payload-not-sent transfer={} waiting={}; more were asked for than are kept in mind",
                    transfer,
                    waiting.size());
            return;
        }
        waiting.add(new Dispatch(transfer, wanted));
        startNext();
    }

    /** The session has ended: nothing more is begun. */
    synchronized void end() {
        waiting.clear();
    }

    private void startNext() {
        while (running < MOST_AT_ONCE && !waiting.isEmpty()) {
            Dispatch next = waiting.remove();
            running++;
            executor.execute(() -> begin(next));
        }
    }

    private void begin(Dispatch dispatch) {
        CompletableFuture<Long> result;
        try {
            PayloadsGrpc.PayloadsStub payloads = line.get();
            if (payloads == null) {
                throw new IllegalStateException("a payload was asked for on a connection that shares its files");
            }
            PayloadFile file = dispatch.wanted().file();
            if (file != null && !Files.isReadable(file.path())) {
                dispatch.wanted().missing(file);
            }
            result = new PayloadDispatch(dispatch.transfer(), file, executor).start(payloads);
        } catch (RuntimeException e) {
            result = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<?> ignored = result.whenComplete((sentBytes, failure) -> {
            log.debug("event=payload-sent transfer={} bytes={}", dispatch.transfer(), sentBytes, failure);
            synchronized (this) {
                running--;
                startNext();
            }
        });
    }
}

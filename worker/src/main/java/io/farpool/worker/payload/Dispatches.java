package io.farpool.worker.payload;

import io.farpool.payload.PayloadDispatch;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.PayloadsGrpc;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends outcomes' payloads that somebody waits for. Thread-safe; nothing here waits. */
final class Dispatches {
    /** Each has a chunk or two in memory. */
    static final int MAX_DISPATCHES = 16;

    static final int MAX_DISPATCHES_OF_SESSION = 4;

    /** A request past it is not answered, so that its transfer fails for want of progress, and is asked for anew. */
    static final int MAX_WAITING = 4_096;

    private static final Logger log = LoggerFactory.getLogger(Dispatches.class);

    private final PayloadsGrpc.PayloadsStub payloads;
    private final Executor disk;
    private final HostPayloads.Listener listener;
    private final Places places = new Places(MAX_DISPATCHES, MAX_DISPATCHES_OF_SESSION);

    Dispatches(PayloadsGrpc.PayloadsStub payloads, Executor disk, HostPayloads.Listener listener) {
        this.payloads = payloads;
        this.disk = disk;
        this.listener = listener;
    }

    /** @param file null: it is not here (any more); that is said at once */
    void send(long transfer, String sessionId, long attempt, @Nullable PayloadFile file) {
        if (file == null) {
            start(transfer, sessionId, attempt, null, () -> {});
        } else if (places.waiting() >= MAX_WAITING) {
            log.warn(
                    "event=payload-not-sent session={} transfer={} reason=\"{} others wait\"",
                    sessionId,
                    transfer,
                    MAX_WAITING);
        } else {
            places.enter(sessionId, () -> {
                start(transfer, sessionId, attempt, file, () -> places.leave(sessionId));
                return true;
            });
        }
    }

    private void start(long transfer, String sessionId, long attempt, @Nullable PayloadFile file, Runnable then) {
        var unused = new PayloadDispatch(transfer, file, disk).start(payloads).whenComplete((sentBytes, thrown) -> {
            if (thrown == null) {
                log.debug("event=payload-sent session={} transfer={} bytes={}", sessionId, transfer, sentBytes);
            } else {
                log.debug(
                        "event=payload-not-sent session={} transfer={} reason=\"{}\"",
                        sessionId,
                        transfer,
                        thrown.toString());
                if (file != null && thrown instanceof IOException) {
                    listener.unreadable(attempt, file.path(), "the file with its outcome cannot be read: " + thrown);
                }
            }
            then.run();
        });
    }
}

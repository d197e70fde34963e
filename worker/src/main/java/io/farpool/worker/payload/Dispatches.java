package io.farpool.worker.payload;

import io.farpool.payload.PayloadDispatch;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.PayloadsGrpc;
import java.nio.file.Files;
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
    private final Places places = new Places(MAX_DISPATCHES, MAX_DISPATCHES_OF_SESSION);

    Dispatches(PayloadsGrpc.PayloadsStub payloads, Executor disk) {
        this.payloads = payloads;
        this.disk = disk;
    }

    /** @param file null: it is not here (any more); that is said at once */
    void send(long transfer, String sessionId, @Nullable PayloadFile file) {
        if (file == null) {
            start(transfer, sessionId, null, () -> {});
        } else if (places.waiting() >= MAX_WAITING) {
            log.warn(
                    "event=payload-not-sent session={} transfer={} reason=\"{} others wait\"",
                    sessionId,
                    transfer,
                    MAX_WAITING);
        } else {
            places.enter(sessionId, () -> {
                disk.execute(() -> start(
                        transfer,
                        sessionId,
                        Files.exists(file.path()) ? file : null, // it may have been removed meanwhile
                        () -> places.leave(sessionId)));
                return true;
            });
        }
    }

    private void start(long transfer, String sessionId, @Nullable PayloadFile file, Runnable then) {
        var unused = new PayloadDispatch(transfer, file, disk).start(payloads).whenComplete((sentBytes, thrown) -> {
            if (thrown == null) {
                log.debug("event=payload-sent session={} transfer={} bytes={}", sessionId, transfer, sentBytes);
            } else {
                log.debug(
                        "event=payload-not-sent session={} transfer={} reason=\"{}\"",
                        sessionId,
                        transfer,
                        thrown.toString());
            }
            then.run();
        });
    }
}

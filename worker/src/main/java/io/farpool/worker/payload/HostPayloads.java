package io.farpool.worker.payload;

import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.wire.PatientExecutor;
import io.farpool.worker.hosting.PayloadProblem;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves this host's large payloads: those of tasks here, those of outcomes to who asks for them, and the files of both away
 * when nobody needs them any more. On a host that shares its coordinator's machine nothing is moved.
 *
 * <p>Thread-safe. Files are read, written and removed on threads of its own, which are there only while there is something to
 * do; no method but {@link #close} waits.
 */
public final class HostPayloads implements AutoCloseable {
    private static final int DISK_THREADS = 4;
    private static final int IDLE_SECONDS = 5;
    private static final int CLOSE_SECONDS = 2;
    private static final Logger log = LoggerFactory.getLogger(HostPayloads.class);

    /** Is told what has come of fetches, on threads of this class. */
    public interface Listener {
        /** It is there, checked. Also told of one that has been dropped at the same moment; then there is no file. */
        void fetched(long fetch, Path file);

        /** It cannot be had. */
        void failed(long fetch, PayloadProblem problem, String message);

        /** A file that was to be sent is not there, or cannot be read. Told also of one that was removed at the same moment. */
        void unreadable(long attempt, Path file, String message);
    }

    private final ThreadPoolExecutor disk = new ThreadPoolExecutor(
            DISK_THREADS,
            DISK_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
                Thread thread = new Thread(task, "farpool-payloads");
                thread.setDaemon(true);
                return thread;
            },
            // Once closed: what transfers still have to say is of no interest.
            new ThreadPoolExecutor.DiscardPolicy());

    private final Executor patient = new PatientExecutor(disk);
    private final Listener listener;
    private final @Nullable Fetches fetches;
    private final @Nullable Dispatches dispatches;

    /**
     * @param coordinator null: it is on this machine, and payloads are read where they are
     * @param host as whom this host asks; asked for only if there is somebody to ask
     * @param directory where the files are to be; exists
     */
    public HostPayloads(
            @Nullable Channel coordinator, Supplier<ReceiveRequest.Argument> host, Path directory, Listener listener) {
        this.listener = listener;
        disk.allowCoreThreadTimeOut(true);
        if (coordinator == null) {
            fetches = null;
            dispatches = null;
        } else {
            PayloadsGrpc.PayloadsStub payloads = PayloadsGrpc.newStub(coordinator);
            fetches = new Fetches(payloads, host.get(), directory, patient, listener);
            dispatches = new Dispatches(payloads, patient, listener);
        }
    }

    /**
     * Fetches a payload, however long it takes; the listener is told, unless it is dropped before.
     *
     * @param fetch the caller's own number for it, never used before
     * @param sequence of the task; 0: the session's initializer
     */
    public void fetch(long fetch, String sessionId, long sequence, PayloadReference reference) {
        if (fetches != null) {
            fetches.fetch(fetch, sessionId, sequence, reference);
        } else {
            listener.failed(
                    fetch,
                    PayloadProblem.UNREADABLE,
                    "it is not in a file of this machine, which is the only way to a pool that runs embedded");
        }
    }

    /** Ends a fetch, or removes what it has fetched. */
    public void drop(long fetch) {
        if (fetches != null) {
            fetches.drop(fetch);
        }
    }

    /**
     * Sends a file to whoever waits for the transfer.
     *
     * @param attempt whose outcome's payload it is
     * @param file null: says that there is none (any more)
     */
    public void send(long transfer, String sessionId, long attempt, @Nullable PayloadReference file) {
        if (dispatches != null) {
            dispatches.send(transfer, sessionId, attempt, file == null ? null : PayloadFile.of(file));
        }
    }

    /** Removes a file. */
    public void remove(Path file) {
        patient.execute(() -> {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                log.warn("event=payload-not-removed file={} reason=\"{}\"", file, e.toString());
            }
        });
    }

    /** Ends all fetches. Waits a little for what is being written. */
    @Override
    public void close() {
        if (fetches != null) {
            fetches.close();
        }
        disk.shutdown();
        try {
            if (!disk.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.debug("event=payloads-linger after_seconds={}", CLOSE_SECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.farpool.worker.payload;

import io.farpool.payload.PayloadDamagedException;
import io.farpool.payload.PayloadFile;
import io.farpool.payload.PayloadReceipt;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.worker.hosting.PayloadProblem;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches tasks' payloads from the coordinator into files. What may pass, such as a client or a coordinator that is away, is
 * tried again until the payload is dropped; what may not, a few times. Thread-safe; nothing here waits.
 */
final class Fetches {
    /** Each may have four chunks in memory. */
    static final int MAX_FETCHES = 8;

    static final int MAX_FETCHES_OF_SESSION = 4;

    /** Tries at what fails for a reason of its own: the disk, the bytes, the client's file. */
    static final int MAX_TRIES = 5;

    /** Tries at what is not there: its withdrawal is on its way here, and should come first. */
    static final int MAX_TRIES_GONE = 2;

    private static final long FIRST_BACKOFF_MILLIS = 50;
    private static final long LONGEST_BACKOFF_MILLIS = 2_000;
    private static final Logger log = LoggerFactory.getLogger(Fetches.class);

    private final PayloadsGrpc.PayloadsStub payloads;
    private final ReceiveRequest.Argument host;
    private final Path directory;
    private final Executor disk;
    private final HostPayloads.Listener listener;
    private final Places places = new Places(MAX_FETCHES, MAX_FETCHES_OF_SESSION);

    /** Until they are dropped or have failed. Guarded by this, as is what is in them. */
    private final Map<Long, Fetch> fetches = new LinkedHashMap<>();

    private boolean closed;

    /** One payload, over all tries. */
    private final class Fetch implements BooleanSupplier {
        final long number;
        final ReceiveRequest request;
        final PayloadReference expected;
        int tries;
        /** Tries that have failed for a reason that will not pass by itself. */
        int lastingFailures;

        boolean dropped;

        @Nullable
        PayloadReceipt receipt;

        @Nullable
        PayloadFile file;

        Fetch(long number, ReceiveRequest request, PayloadReference expected) {
            this.number = number;
            this.request = request;
            this.expected = expected;
        }

        String sessionId() {
            return request.getSessionId();
        }

        @Override
        public boolean getAsBoolean() {
            return begin(this);
        }
    }

    Fetches(
            PayloadsGrpc.PayloadsStub payloads,
            ReceiveRequest.Argument host,
            Path directory,
            Executor disk,
            HostPayloads.Listener listener) {
        this.payloads = payloads;
        this.host = host;
        this.directory = directory;
        this.disk = disk;
        this.listener = listener;
    }

    void fetch(long number, String sessionId, long sequence, PayloadReference expected) {
        ReceiveRequest request = ReceiveRequest.newBuilder()
                .setSessionId(sessionId)
                .setSequence(sequence)
                .setArgument(host)
                .build();
        Fetch fetch = new Fetch(number, request, expected);
        synchronized (this) {
            fetches.put(number, fetch);
        }
        places.enter(sessionId, fetch);
    }

    private boolean begin(Fetch fetch) {
        synchronized (this) {
            if (fetch.dropped || closed) {
                return false;
            }
        }
        disk.execute(() -> start(fetch));
        return true;
    }

    /** On the disk's threads, since it asks the disk; and so that a row of those that fail at once is no recursion. */
    private void start(Fetch fetch) {
        IOException noRoom = noRoom(fetch);
        CompletableFuture<PayloadFile> received;
        synchronized (this) {
            if (fetch.dropped || closed) {
                places.leave(fetch.sessionId());
                return;
            }
            fetch.tries++;
            Path path = directory.resolve("a" + fetch.number + "-" + fetch.tries);
            PayloadReceipt receipt = new PayloadReceipt(fetch.request, fetch.expected, path, disk);
            fetch.receipt = receipt;
            // Under the lock, so that it is never cancelled before it has begun; it begins on its own queue.
            received = noRoom == null ? receipt.start(payloads) : CompletableFuture.failedFuture(noRoom);
        }
        var unused = received.whenComplete((file, thrown) -> {
            places.leave(fetch.sessionId());
            if (file != null) {
                received(fetch, file);
            } else {
                failed(fetch, thrown);
            }
        });
    }

    /** Null if there is room: a disk that is filled to the last byte would stop others too. */
    private @Nullable IOException noRoom(Fetch fetch) {
        long wantedBytes = fetch.expected.getSizeBytes();
        long usableBytes = directory.toFile().getUsableSpace();
        return usableBytes >= wantedBytes
                ? null
                : new IOException(
                        "no room in " + directory + " for " + wantedBytes + " bytes, there is some for " + usableBytes);
    }

    private void received(Fetch fetch, PayloadFile file) {
        boolean dropped;
        synchronized (this) {
            dropped = fetch.dropped;
            fetch.receipt = null;
            fetch.file = file;
        }
        if (dropped) {
            file.discard();
            return;
        }
        log.debug(
                "event=payload-fetched session={} sequence={} bytes={} tries={}",
                fetch.sessionId(),
                fetch.request.getSequence(),
                file.sizeBytes(),
                fetch.tries);
        listener.fetched(fetch.number, file.path());
    }

    private void failed(Fetch fetch, Throwable thrown) {
        PayloadProblem lasting = lastingProblem(thrown);
        boolean over;
        long backoffMillis;
        synchronized (this) {
            fetch.receipt = null;
            if (fetch.dropped || closed) {
                return;
            }
            fetch.lastingFailures = lasting == null ? 0 : fetch.lastingFailures + 1;
            over = fetch.lastingFailures >= (lasting == PayloadProblem.GONE ? MAX_TRIES_GONE : MAX_TRIES);
            if (over) {
                fetches.remove(fetch.number);
            }
            backoffMillis = Math.min(LONGEST_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(fetch.tries - 1, 10));
        }
        log.debug(
                "event=payload-not-fetched session={} sequence={} tries={} again={} reason=\"{}\"",
                fetch.sessionId(),
                fetch.request.getSequence(),
                fetch.tries,
                !over,
                thrown.toString());
        if (over && lasting != null) {
            listener.failed(fetch.number, lasting, message(thrown));
        } else {
            CompletableFuture.delayedExecutor(backoffMillis, TimeUnit.MILLISECONDS, disk)
                    .execute(() -> again(fetch));
        }
    }

    private void again(Fetch fetch) {
        synchronized (this) {
            if (fetch.dropped) {
                return;
            }
        }
        places.enter(fetch.sessionId(), fetch);
    }

    /** Null: another try will do once something else has changed. */
    private static @Nullable PayloadProblem lastingProblem(Throwable thrown) {
        if (thrown instanceof PayloadDamagedException) {
            return PayloadProblem.UNREADABLE;
        } else if (thrown instanceof IOException) {
            return PayloadProblem.DISK;
        } else if (!(thrown instanceof StatusRuntimeException || thrown instanceof StatusException)) {
            return PayloadProblem.UNREADABLE;
        }
        return switch (Status.fromThrowable(thrown).getCode()) {
            case NOT_FOUND -> PayloadProblem.GONE;
            // Not permitted is also a host that its coordinator does not know yet, or not any more.
            case UNAVAILABLE,
                    RESOURCE_EXHAUSTED,
                    PERMISSION_DENIED,
                    ABORTED,
                    CANCELLED,
                    DEADLINE_EXCEEDED,
                    INTERNAL,
                    UNKNOWN -> null;
            case OK,
                    INVALID_ARGUMENT,
                    ALREADY_EXISTS,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    DATA_LOSS,
                    UNAUTHENTICATED -> PayloadProblem.UNREADABLE;
        };
    }

    private static String message(Throwable thrown) {
        if (thrown instanceof StatusRuntimeException || thrown instanceof StatusException) {
            Status status = Status.fromThrowable(thrown);
            String description = status.getDescription();
            return description == null ? status.getCode().toString() : description;
        }
        String message = thrown.getMessage();
        return message == null ? thrown.toString() : message;
    }

    void drop(long number) {
        Fetch fetch;
        PayloadReceipt receipt;
        PayloadFile file;
        synchronized (this) {
            fetch = fetches.remove(number);
            if (fetch == null) {
                return;
            }
            fetch.dropped = true;
            receipt = fetch.receipt;
            file = fetch.file;
        }
        places.withdraw(fetch.sessionId(), fetch);
        if (receipt != null) {
            receipt.cancel("the task is not wanted here any more");
        }
        if (file != null) {
            disk.execute(file::discard);
        }
    }

    /** Ends what goes on; what has been fetched stays. */
    void close() {
        List<PayloadReceipt> receipts = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (Fetch fetch : fetches.values()) {
                if (fetch.receipt != null) {
                    receipts.add(fetch.receipt);
                }
            }
        }
        receipts.forEach(receipt -> receipt.cancel("the host is shutting down"));
    }
}

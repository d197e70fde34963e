package io.farpool.session;

import io.farpool.codec.PayloadCodec;
import io.farpool.payload.PayloadDamagedException;
import io.farpool.payload.PayloadFile;
import io.farpool.session.SessionCore.Offer;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives large outcomes into files, some at a time and in the order they were offered, as far as there is room: what has been
 * received and not been decoded counts. The rest stays at the hosts. What fails on its way is tried again until it is offered no more.
 *
 * <p>What is here when the session's streams break is kept, as the coordinator may have heard of it, but counts no more: its task
 * may run again, and must not wait for room that its own first outcome takes. So each break may add once that room on the disk,
 * and never more than one file for each pending task.
 *
 * <p>Thread-safe. As long as what is offered, which is at most what is pending.
 */
final class Receipts {
    /** Where it is told how a receipt has ended. Called without a lock. */
    interface Events {
        void received(TaskFuture<?> future, Offer offer);

        void notReceived(TaskFuture<?> future, Offer offer, RuntimeException reason);
    }

    /** The way from the hosts to here. */
    interface Line {
        /** Begins to make a file of what was offered. */
        Transfer begin(long sequence, Offer offer, Path file);
    }

    /**
     * A file on its way.
     *
     * @param result fails with a status, or as files do; then there is no file
     * @param cancel has the result fail, unless it is complete
     */
    record Transfer(CompletableFuture<PayloadFile> result, Runnable cancel) {}

    /** Transfers at one time. */
    static final int MOST_AT_ONCE = 4;

    /** Bytes received since the streams broke last, and not decoded; one larger payload may come alone. */
    static final long MOST_HELD_BYTES = 256L << 20;

    /** Times that the same payload may come damaged, or be refused. */
    static final int MOST_STRIKES = 3;

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private static final Logger log = LoggerFactory.getLogger(Receipts.class);

    private final Line line;
    private final PayloadCodec.Place place;
    private final Executor executor;
    private final Events events;
    private final long mostHeldBytes;
    private final LongFunction<Executor> afterMillis;

    // Guarded by this.
    private final Map<TaskFuture<?>, Receipt> wanted = new LinkedHashMap<>(); // futures are equal to themselves only
    private final Map<TaskFuture<?>, Receipt> waiting = new LinkedHashMap<>();
    /** Those whose files are here and count. */
    private final Set<Receipt> held = new HashSet<>();

    private int running;
    private long heldBytes;

    /**
     * @param place where files are made
     * @param executor runs what blocks on them
     */
    Receipts(Line line, PayloadCodec.Place place, Executor executor, Events events) {
        this(
                line,
                place,
                executor,
                events,
                MOST_HELD_BYTES,
                millis -> CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, executor));
    }

    /** @param afterMillis the executor, after a time */
    Receipts(
            Line line,
            PayloadCodec.Place place,
            Executor executor,
            Events events,
            long mostHeldBytes,
            LongFunction<Executor> afterMillis) {
        this.line = line;
        this.place = place;
        this.executor = executor;
        this.events = events;
        this.mostHeldBytes = mostHeldBytes;
        this.afterMillis = afterMillis;
    }

    private static final class Receipt {
        final TaskFuture<?> future;
        final Offer offer;
        long pauseMillis = FIRST_PAUSE_MILLIS;
        int strikes;
        boolean stopped;

        @Nullable
        Transfer transfer;

        Receipt(TaskFuture<?> future, Offer offer) {
            this.future = future;
            this.offer = offer;
        }

        long sizeBytes() {
            return offer.reference().getSizeBytes();
        }
    }

    /** Receives this when its turn comes, instead of what was offered for the same task before. Does not block. */
    void receive(TaskFuture<?> future, Offer offer) {
        synchronized (this) {
            Receipt before = wanted.get(future);
            if (before != null && before.offer.equals(offer)) {
                return;
            }
            if (before != null) {
                stop(before);
            }
            if (!future.hasOutcome(offer.reference())) {
                Receipt receipt = new Receipt(future, offer);
                wanted.put(future, receipt);
                waiting.put(future, receipt);
                startNext();
                return;
            }
        }
        events.received(future, offer); // the one before has come to its end in this very moment
    }

    /** What was offered for this task is not wanted any more. Does not block. */
    synchronized void stop(TaskFuture<?> future) {
        Receipt receipt = wanted.get(future);
        if (receipt != null) {
            stop(receipt);
            startNext();
        }
    }

    /** Nothing is offered any more, and what has been received counts no more. Does not block. */
    synchronized void stopAll() {
        List<Receipt> all = List.copyOf(wanted.values());
        all.forEach(receipt -> receipt.stopped = true); // before one that ends makes room for another
        waiting.clear();
        all.forEach(this::stop);
        held.forEach(receipt -> heldBytes -= receipt.sizeBytes());
        held.clear();
    }

    private void stop(Receipt receipt) {
        receipt.stopped = true;
        wanted.remove(receipt.future, receipt);
        waiting.remove(receipt.future, receipt);
        if (receipt.transfer != null) {
            receipt.transfer.cancel().run();
        }
    }

    private synchronized void release(Receipt receipt) {
        if (held.remove(receipt)) {
            heldBytes -= receipt.sizeBytes();
            startNext();
        }
    }

    private void startNext() {
        while (running < MOST_AT_ONCE && !waiting.isEmpty()) {
            Receipt receipt = waiting.values().iterator().next();
            if (heldBytes > 0 && heldBytes + receipt.sizeBytes() > mostHeldBytes) {
                return; // nothing smaller passes it by, or it might never come
            }
            waiting.remove(receipt.future);
            running++;
            heldBytes += receipt.sizeBytes();
            executor.execute(() -> begin(receipt));
        }
    }

    private void begin(Receipt receipt) {
        Path file;
        Transfer transfer;
        try {
            if (isStopped(receipt)) {
                ended(receipt, null, null, null);
                return;
            }
            file = place.newFile();
        } catch (IOException e) {
            ended(receipt, null, null, e);
            return;
        }
        try {
            transfer = line.begin(receipt.future.sequence(), receipt.offer, file);
        } catch (RuntimeException e) {
            ended(receipt, file, null, e);
            return;
        }
        boolean stopped;
        synchronized (this) {
            receipt.transfer = transfer;
            stopped = receipt.stopped;
        }
        if (stopped) {
            transfer.cancel().run();
        }
        CompletableFuture<?> ignored =
                transfer.result().whenComplete((received, failure) -> ended(receipt, file, received, failure));
    }

    private synchronized boolean isStopped(Receipt receipt) {
        return receipt.stopped;
    }

    private void ended(
            Receipt receipt, @Nullable Path file, @Nullable PayloadFile received, @Nullable Throwable failure) {
        boolean tell;
        boolean kept;
        RuntimeException reason = null;
        synchronized (this) {
            running--;
            receipt.transfer = null;
            tell = !receipt.stopped;
            kept = tell && received != null;
            if (received != null && kept) {
                wanted.remove(receipt.future, receipt);
                held.add(receipt);
                receipt.future.keepOutcome(new KeptFile(received, () -> {
                    place.discard(received.path());
                    release(receipt);
                }));
            } else {
                heldBytes -= receipt.sizeBytes();
                if (tell && failure != null) {
                    reason = afterFailure(receipt, unwrap(failure));
                    tell = reason != null;
                }
            }
            startNext();
        }
        if (file != null && !kept) {
            place.discard(file);
        }
        if (tell && reason != null) {
            events.notReceived(receipt.future, receipt.offer, reason);
        } else if (tell) {
            events.received(receipt.future, receipt.offer);
        }
    }

    /** What the future is to fail with; null if there is another try, or nothing to do. */
    private @Nullable RuntimeException afterFailure(Receipt receipt, Throwable failure) {
        log.debug(
                "event=payload-not-received sequence={} attempt={} bytes={}",
                receipt.future.sequence(),
                receipt.offer.attempt(),
                receipt.sizeBytes(),
                failure);
        Kind kind = kindOf(failure);
        if (kind == Kind.STRIKE) {
            receipt.strikes++;
        }
        if (kind == Kind.PASSING || (kind == Kind.STRIKE && receipt.strikes < MOST_STRIKES)) {
            tryAgain(receipt);
            return null;
        }
        wanted.remove(receipt.future, receipt);
        return switch (kind) {
            case WITHDRAWN -> null; // the coordinator's word follows
            case STRIKE, PASSING -> failed(receipt, "cannot be received, after " + MOST_STRIKES + " tries", failure);
            case OURS -> failed(receipt, "cannot be kept here", failure);
        };
    }

    private void tryAgain(Receipt receipt) {
        long pauseMillis = receipt.pauseMillis;
        receipt.pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
        afterMillis.apply(pauseMillis).execute(() -> {
            synchronized (this) {
                if (!receipt.stopped) {
                    waiting.put(receipt.future, receipt);
                    startNext();
                }
            }
        });
    }

    private enum Kind {
        /** It is offered no more. */
        WITHDRAWN,
        /** Another try can do better. */
        PASSING,
        /** So it is, too, but not for ever. */
        STRIKE,
        /** Of this machine's disk. */
        OURS
    }

    private static Kind kindOf(Throwable failure) {
        if (failure instanceof StatusRuntimeException || failure instanceof StatusException) {
            return switch (Status.fromThrowable(failure).getCode()) {
                case NOT_FOUND -> Kind.WITHDRAWN;
                case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, CANCELLED, ABORTED, INTERNAL, UNKNOWN ->
                    Kind.PASSING;
                case OK,
                        INVALID_ARGUMENT,
                        ALREADY_EXISTS,
                        PERMISSION_DENIED,
                        FAILED_PRECONDITION,
                        OUT_OF_RANGE,
                        UNIMPLEMENTED,
                        DATA_LOSS,
                        UNAUTHENTICATED -> Kind.STRIKE;
            };
        }
        boolean damaged = failure instanceof PayloadDamagedException || failure instanceof NoSuchFileException;
        return damaged ? Kind.STRIKE : Kind.OURS;
    }

    private static RuntimeException failed(Receipt receipt, String what, Throwable failure) {
        String message = "the outcome of the task, " + receipt.sizeBytes() + " bytes, " + what + ": "
                + (failure.getMessage() == null ? failure.toString() : failure.getMessage());
        return new UncheckedIOException(
                message, failure instanceof IOException io ? io : new IOException(failure.toString(), failure));
    }

    private static Throwable unwrap(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}

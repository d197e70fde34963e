package io.farpool.bundle;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.FindMissingRequest;
import io.farpool.proto.v1.FindMissingResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a bundle's files to the coordinator: asks what is missing, and sends that, a few files at a time. One object may
 * send many bundles, one after the other or at once.
 *
 * <p>Thread-safe, and nothing waits: files are read on the executor given.
 */
public final class BundleUpload {
    private static final Logger log = LoggerFactory.getLogger(BundleUpload.class);

    /** Digests in one FindMissing, as the protocol bounds them. */
    static final int MAX_DIGESTS = 4_096;

    /** Bytes of the files in one FindMissing, unless one alone is larger: no question waits for the check of gigabytes. */
    static final long MAX_ASKED_BYTES = 256L << 20;

    /** What a coordinator reads at least, when it has to: it checks files that it has kept from before its start. */
    private static final long CHECKED_BYTES_PER_SECOND = 4L << 20;

    /** Files on their way at once: hides round trips when there are many small ones. */
    static final int MAX_PUTS = 4;

    /** Rounds of asking and sending, if a full coordinator evicts what was sent before the session is open. */
    static final int MAX_ROUNDS = 3;

    /** Pauses in a row, with nothing sent in between, while a coordinator that answers takes no more files: about two minutes. */
    private static final int MAX_PAUSES = 64;

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final BlobsGrpc.BlobsStub blobs;
    private final Executor disk;
    private final Duration answerTime;

    /**
     * What has been done.
     *
     * @param bundle for Open
     * @param blobsSent files that were not there yet
     * @param bytesSent their bytes
     */
    public record Uploaded(Bundle bundle, int blobsSent, long bytesSent) {}

    /**
     * @param blobs where to send
     * @param disk runs what reads files; the caller's to end
     * @param answerTime how long the coordinator may take to say what is missing, beside {@link #checkTime}
     */
    public BundleUpload(BlobsGrpc.BlobsStub blobs, Executor disk, Duration answerTime) {
        this.blobs = blobs;
        this.disk = disk;
        this.answerTime = answerTime;
    }

    /** How long a coordinator may take to check so many bytes, before it is given up. */
    public static Duration checkTime(long bytes) {
        return Duration.ofSeconds(bytes / CHECKED_BYTES_PER_SECOND);
    }

    /**
     * Makes the coordinator have all of a bundle.
     *
     * @return what was sent; fails with an IOException that says what could not be sent or asked and why, with the status as
     *     its cause, or with the status of FindMissing. After UNAVAILABLE it can be called again: what has arrived is not
     *     sent again, nor what has been checked checked again. While the coordinator answers, and only takes no more files
     *     at once, that is done here.
     */
    public CompletableFuture<Uploaded> send(PackedBundle packed) {
        Map<BlobDigest, PackedBundle.Entry> files = new LinkedHashMap<>();
        for (PackedBundle.Entry entry : packed.entries()) {
            files.putIfAbsent(entry.digest(), entry);
        }
        Sending sending = new Sending(packed.bundle(), files);
        return sending.round(1, 0);
    }

    /**
     * Makes the coordinator have one file, which is no part of a bundle.
     *
     * @param file its name, with an article before it, is how messages name it
     * @return the bytes that were sent; fails as {@link #send} does
     */
    public CompletableFuture<Long> sendOne(PackedBundle.Entry file) {
        return findMissing(List.of(file.digest()))
                .thenCompose(missing -> missing.isEmpty()
                        ? CompletableFuture.completedFuture(0L)
                        : new BlobPut(file, "a " + file.name(), disk).start(blobs));
    }

    private final class Sending {
        private final Bundle bundle;
        private final Map<BlobDigest, PackedBundle.Entry> files;
        private final AtomicInteger blobsSent = new AtomicInteger();
        private final AtomicLong bytesSent = new AtomicLong();
        /** Why the coordinator did not take a file, when it did so last. */
        private volatile @Nullable Throwable refusal;

        Sending(Bundle bundle, Map<BlobDigest, PackedBundle.Entry> files) {
            this.bundle = bundle;
            this.files = files;
        }

        /** @param pauses in a row, before it */
        CompletableFuture<Uploaded> round(int number, int pauses) {
            return findMissing(files.keySet()).thenCompose(missing -> {
                if (missing.isEmpty()) {
                    return CompletableFuture.completedFuture(new Uploaded(bundle, blobsSent.get(), bytesSent.get()));
                }
                if (number > MAX_ROUNDS) {
                    return CompletableFuture.failedFuture(new IOException("the coordinator does not keep "
                            + missing.size() + " of the class path's " + files.size() + " files, '"
                            + name(missing.iterator().next())
                            + "' for one: its blob store is too small for all that its sessions need"));
                }
                log.debug("Sending the class path's missing files missing={} of={}", missing.size(), files.size());
                int sentBefore = blobsSent.get();
                Queue<PackedBundle.Entry> ahead = new ArrayDeque<>();
                return putAll(missing, ahead).thenCompose(lanes -> {
                    Throwable because = refusal;
                    if (ahead.isEmpty() || because == null) {
                        return round(number + 1, 0);
                    }
                    int inARow = blobsSent.get() == sentBefore ? pauses : 0;
                    return inARow == MAX_PAUSES
                            ? CompletableFuture.failedFuture(because)
                            : pause(inARow).thenCompose(over -> round(number, inARow + 1));
                });
            });
        }

        private CompletableFuture<Void> pause(int inARow) {
            long millis = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(10, inARow));
            log.debug("Sending on later pauseMillis={} reason={}", millis, String.valueOf(refusal));
            return CompletableFuture.runAsync(
                    () -> {}, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, disk));
        }

        private String name(BlobDigest digest) {
            PackedBundle.Entry entry = files.get(digest);
            return entry == null ? digest.toString() : entry.name();
        }

        /** Sends them, all but those that are ahead in the end, since the coordinator takes no more at once. */
        private CompletableFuture<Void> putAll(Set<BlobDigest> missing, Queue<PackedBundle.Entry> ahead) {
            for (BlobDigest digest : missing) {
                PackedBundle.Entry entry = files.get(digest);
                if (entry == null) {
                    return CompletableFuture.failedFuture(
                            new IOException("the coordinator misses a blob that it was not asked for: " + digest));
                }
                ahead.add(entry);
            }
            List<CompletableFuture<Void>> lanes = new ArrayList<>();
            for (int i = 0; i < Math.min(MAX_PUTS, missing.size()); i++) {
                lanes.add(putNext(ahead));
            }
            return CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new));
        }

        private CompletableFuture<Void> putNext(Queue<PackedBundle.Entry> ahead) {
            PackedBundle.Entry next;
            synchronized (ahead) {
                next = ahead.poll();
            }
            if (next == null) {
                return CompletableFuture.completedFuture(null);
            }
            return new BlobPut(next, "the class path's '" + next.name() + "'", disk)
                    .start(blobs)
                    .handle((sentBytes, thrown) -> {
                        if (thrown == null) {
                            blobsSent.incrementAndGet();
                            bytesSent.addAndGet(sentBytes);
                            return true;
                        }
                        notSent(next, thrown, ahead);
                        return false;
                    })
                    // On the executor: thousands of files must not become a deep stack.
                    .thenComposeAsync(sent -> sent ? putNext(ahead) : CompletableFuture.completedFuture(null), disk);
        }

        /** The lane that sent it ends. If the coordinator is only busy the others have the file, else they end after what they are at. */
        private void notSent(PackedBundle.Entry entry, Throwable thrown, Queue<PackedBundle.Entry> ahead) {
            boolean busy = Status.fromThrowable(thrown).getCode() == Status.Code.UNAVAILABLE;
            synchronized (ahead) {
                if (busy) {
                    ahead.add(entry);
                } else {
                    ahead.clear();
                }
            }
            if (!busy) {
                throw thrown instanceof CompletionException wrapped ? wrapped : new CompletionException(thrown);
            }
            refusal = thrown;
        }
    }

    private CompletableFuture<Set<BlobDigest>> findMissing(Collection<BlobDigest> digests) {
        CompletableFuture<Set<BlobDigest>> missing = CompletableFuture.completedFuture(new LinkedHashSet<>());
        for (List<BlobDigest> question : questions(digests)) {
            // One after the other: the time for an answer is not spent on waiting for another.
            missing = missing.thenCompose(before -> ask(question).thenApply(also -> {
                before.addAll(also);
                return before;
            }));
        }
        return missing;
    }

    static List<List<BlobDigest>> questions(Collection<BlobDigest> digests) {
        List<List<BlobDigest>> questions = new ArrayList<>();
        List<BlobDigest> question = new ArrayList<>();
        long bytes = 0;
        for (BlobDigest digest : digests) {
            boolean full = question.size() == MAX_DIGESTS || bytes + digest.sizeBytes() > MAX_ASKED_BYTES;
            if (full && !question.isEmpty()) {
                questions.add(question);
                question = new ArrayList<>();
                bytes = 0;
            }
            question.add(digest);
            bytes += digest.sizeBytes();
        }
        if (!question.isEmpty()) {
            questions.add(question);
        }
        return questions;
    }

    private CompletableFuture<List<BlobDigest>> ask(List<BlobDigest> question) {
        FindMissingRequest.Builder request = FindMissingRequest.newBuilder();
        long bytes = 0;
        for (BlobDigest digest : question) {
            request.addDigests(digest.toWire());
            bytes += digest.sizeBytes();
        }
        Duration longest = answerTime.plus(checkTime(bytes));
        String asked = "(" + question.size() + ", " + bytes + " bytes)";
        CompletableFuture<List<BlobDigest>> answer = new CompletableFuture<>();
        blobs.withDeadlineAfter(longest.toNanos(), TimeUnit.NANOSECONDS)
                .findMissing(request.build(), new StreamObserver<>() {
                    @Override
                    public void onNext(FindMissingResponse response) {
                        try {
                            List<BlobDigest> missing = new ArrayList<>();
                            for (Digest digest : response.getMissingList()) {
                                missing.add(BlobDigest.of(digest));
                            }
                            answer.complete(missing);
                        } catch (IllegalArgumentException e) {
                            answer.completeExceptionally(e);
                        }
                    }

                    @Override
                    public void onError(Throwable thrown) {
                        boolean late = Status.fromThrowable(thrown).getCode() == Status.Code.DEADLINE_EXCEEDED;
                        answer.completeExceptionally(
                                late
                                        ? new IOException(
                                                "the coordinator has not said within " + longest.toMillis()
                                                        + " ms which it has of the files asked for " + asked
                                                        + ": it is overloaded, or its disk is slow",
                                                thrown)
                                        : thrown);
                    }

                    @Override
                    public void onCompleted() {
                        // Does nothing after an answer.
                        answer.completeExceptionally(Status.INTERNAL
                                .withDescription("FindMissing ended without an answer")
                                .asRuntimeException());
                    }
                });
        return answer;
    }
}

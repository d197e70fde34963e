package io.farpool.worker;

import io.farpool.worker.link.GrpcLink;
import io.farpool.worker.link.RefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A worker on a host of its own: joined to its coordinator by gRPC, its sessions' code in a cache on disk. Thread-safe. */
public final class WorkerDaemon implements AutoCloseable {
    /** Beyond the connect time-out, for the try that is under way when it passes. */
    private static final Duration LAST_TRY = Duration.ofSeconds(5);

    private final GrpcLink link;
    private final CodeCache code;
    private final Worker worker;

    private WorkerDaemon(GrpcLink link, CodeCache code, Worker worker) {
        this.link = link;
        this.code = code;
        this.worker = worker;
    }

    /**
     * Starts a daemon, and waits until its coordinator has welcomed it.
     *
     * @throws RefusedException when the coordinator cannot be reached within the connect time-out, or refuses; with a message
     *     of one line
     * @throws IOException when its directories cannot be had
     */
    public static WorkerDaemon start(WorkerSettings settings) throws IOException {
        GrpcLink link = new GrpcLink(settings.coordinator());
        try {
            CodeCache code = CodeCache.open(settings, link.channel());
            try {
                WorkerDaemon daemon = new WorkerDaemon(link, code, Worker.start(settings, link, code.sources()));
                daemon.awaitWelcome(settings);
                return daemon;
            } catch (RuntimeException failure) {
                code.close();
                throw failure;
            }
        } catch (IOException | RuntimeException failure) {
            link.close();
            throw failure;
        }
    }

    /** The host's name. */
    public String name() {
        return worker.name();
    }

    /** Whether it is welcome at a coordinator now. */
    public boolean attached() {
        return worker.isAttached();
    }

    /** Whether it has ended. */
    public boolean terminated() {
        return worker.terminated().toCompletableFuture().isDone();
    }

    /** Why it has ended by itself: one line; null while it has not. */
    public @Nullable String failure() {
        CompletableFuture<Void> ended = worker.terminated().toCompletableFuture();
        if (!ended.isDone()) {
            return null;
        }
        try {
            ended.get();
            return null;
        } catch (ExecutionException refused) {
            return refusal(refused).getMessage();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** As {@link Worker#drain}, and closes. */
    public void drain(Duration timeout) {
        worker.drain(timeout);
        close();
    }

    /** Ends the daemon at once, with all its processes. Idempotent. */
    @Override
    public void close() {
        worker.close();
        link.close();
        code.close();
    }

    /**
     * Waits until the daemon has ended.
     *
     * @throws RefusedException when its coordinator has refused it
     */
    public void awaitTermination() throws InterruptedException {
        try {
            worker.terminated().toCompletableFuture().get();
        } catch (ExecutionException ended) {
            throw refusal(ended);
        }
    }

    /** Closes the worker when there is no welcome. */
    private void awaitWelcome(WorkerSettings settings) {
        CompletableFuture<Void> attached = worker.attached().toCompletableFuture();
        Duration patience = settings.connectTimeout().plus(LAST_TRY);
        try {
            attached.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException ended) {
            throw refusal(ended);
        } catch (TimeoutException silent) {
            worker.close();
            throw new RefusedException("cannot reach coordinator " + link.target() + ": nothing there answers within "
                    + patience.toSeconds() + " s; expected a running coordinator there");
        } catch (InterruptedException interrupted) {
            worker.close();
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted while waiting for coordinator " + link.target());
        }
    }

    private static RefusedException refusal(ExecutionException ended) {
        if (ended.getCause() instanceof RefusedException refused) {
            return new RefusedException(String.valueOf(refused.getMessage()));
        }
        return new RefusedException(String.valueOf(ended.getCause()));
    }
}

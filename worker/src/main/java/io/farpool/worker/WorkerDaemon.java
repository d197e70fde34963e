package io.farpool.worker;

import io.farpool.worker.link.GrpcLink;
import io.farpool.worker.link.RefusedException;
import io.farpool.worker.process.ClassPathSource;
import io.grpc.Channel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A worker on a host of its own: joined to its coordinator by gRPC, its sessions' code in a cache on disk. Thread-safe. */
public final class WorkerDaemon implements AutoCloseable {
    /** Beyond the connect time-out, for the try that is under way when it passes. */
    private static final Duration LAST_TRY = Duration.ofSeconds(15);

    /** Opens what fetches and keeps the class paths. */
    interface ClassPathSourceOpener {
        ClassPathSource open(WorkerSettings settings, Channel coordinator) throws IOException;
    }

    private final GrpcLink link;
    private final Worker worker;

    private WorkerDaemon(GrpcLink link, Worker worker) {
        this.link = link;
        this.worker = worker;
    }

    /**
     * Starts a daemon, and waits until its coordinator has welcomed it.
     *
     * @throws RefusedException when the coordinator cannot be reached within the connect time-out, or refuses; with a message
     *     of one line
     * @throws IOException when its directories cannot be made
     */
    static WorkerDaemon start(WorkerSettings settings, ClassPathSourceOpener opener) throws IOException {
        GrpcLink link = new GrpcLink(settings.coordinator());
        try {
            WorkerDaemon daemon =
                    new WorkerDaemon(link, Worker.start(settings, link, opener.open(settings, link.channel())));
            daemon.awaitWelcome(settings);
            return daemon;
        } catch (IOException | RuntimeException failure) {
            link.close();
            throw failure;
        }
    }

    /** The host's name. */
    public String name() {
        return worker.name();
    }

    /** As {@link Worker#drain}. */
    public void drain(Duration timeout) {
        worker.drain(timeout);
        link.close();
    }

    /** Ends the daemon at once, with all its processes. Idempotent. */
    @Override
    public void close() {
        worker.close();
        link.close();
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
        } finally {
            link.close();
        }
    }

    private void awaitWelcome(WorkerSettings settings) {
        CompletableFuture<Void> attached = worker.attached().toCompletableFuture();
        Duration patience = settings.connectTimeout().plus(LAST_TRY);
        try {
            attached.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException ended) {
            throw refusal(ended);
        } catch (TimeoutException silent) {
            worker.close();
            throw new RefusedException("cannot reach coordinator " + link.target()
                    + ": it accepts connections and does not answer; is it a Farpool coordinator?");
        } catch (InterruptedException interrupted) {
            worker.close();
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted while waiting for coordinator " + link.target());
        }
    }

    private static RefusedException refusal(ExecutionException ended) {
        if (ended.getCause() instanceof RefusedException refused) {
            return new RefusedException(refused.getMessage());
        }
        return new RefusedException(String.valueOf(ended.getCause()));
    }
}

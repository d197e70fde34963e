package io.farpool.worker.blob;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.worker.payload.Places;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings blobs from the coordinator into the store, each once, however many wait for it, and tries again as long as one of them
 * has the patience. Those who wait do so in lines: so many are fetched at once, and so many of one line, so that one that wants
 * thousands does not hold up the others. A blob that several wait for stands in the line of who has waited longest.
 *
 * <p>Thread-safe, and no method waits: files are written on the executor given.
 */
final class BlobFetches implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(BlobFetches.class);

    /** Blobs fetched at once; the others wait their turn. The last place is kept for a line that has none. */
    static final int MAX_FETCHES = 5;

    static final int MAX_FETCHES_OF_LINE = 4;

    static final String SHUTTING_DOWN = "the host is shutting down";

    /** Some seconds of trying: then somebody may want to know. */
    private static final int FAILURES_TO_WARN = 6;

    private final BlobStore store;
    private final BlobsGrpc.BlobsStub blobs;
    private final Executor disk;
    private final Places places = new Places(MAX_FETCHES, MAX_FETCHES_OF_LINE);
    private final AtomicLong fetched = new AtomicLong();
    private final AtomicLong fetchedBytes = new AtomicLong();

    // All below is guarded by this, as is what is in them.
    private final Map<BlobDigest, Flight> flights = new LinkedHashMap<>();
    private boolean closed;

    /** A blob that is being fetched, or waits for that. It is in the map until it has come, or nobody waits for it any more. */
    private static final class Flight {
        final BlobDigest digest;
        final String name;
        final long beganNanos = System.nanoTime();
        /** Who came first comes first. */
        final List<Waiter> waiters = new ArrayList<>();

        int failures;

        Flight(BlobDigest digest, String name) {
            this.digest = digest;
            this.name = name;
        }

        List<Waiter> takeOf(String line) {
            List<Waiter> taken =
                    waiters.stream().filter(waiter -> waiter.line.equals(line)).toList();
            waiters.removeAll(taken);
            return taken;
        }
    }

    private static final class Waiter {
        final String line;
        final Patience patience;
        final long sinceNanos = System.nanoTime();
        final CompletableFuture<Path> file = new CompletableFuture<>();

        Waiter(String line, Patience patience) {
            this.line = line;
            this.patience = patience;
        }

        boolean givesUp(Throwable thrown, long beganNanos, long nowNanos) {
            // The try may have begun before this one came.
            long ownNanos = sinceNanos - beganNanos > 0 ? sinceNanos : beganNanos;
            return !patience.failed(thrown, ownNanos, nowNanos);
        }
    }

    BlobFetches(BlobStore store, BlobsGrpc.BlobsStub blobs, Executor disk) {
        this.store = store;
        this.blobs = blobs;
        this.disk = disk;
    }

    /**
     * Waits for a blob, which is fetched unless it is already.
     *
     * @param line whose turn it has to wait for, and by which it is withdrawn
     * @param name a name for people
     * @param patience of this one that waits: how long it may take
     * @return the file in the store; or the failure with which the patience came to its end
     */
    CompletableFuture<Path> fetch(String line, BlobDigest digest, String name, Patience patience) {
        Waiter waiter = new Waiter(line, patience);
        Flight begun;
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new IOException(SHUTTING_DOWN));
            }
            Flight there = flights.get(digest);
            if (there != null) {
                there.waiters.add(waiter);
                return waiter.file;
            }
            begun = new Flight(digest, name);
            begun.waiters.add(waiter);
            flights.put(digest, begun);
        }
        enter(begun);
        return waiter.file;
    }

    private void enter(Flight flight) {
        String line;
        synchronized (this) {
            if (endIfUnwanted(flight)) {
                return;
            }
            line = flight.waiters.get(0).line;
        }
        places.enter(line, () -> begin(flight, line));
    }

    private boolean begin(Flight flight, String line) {
        synchronized (this) {
            if (endIfUnwanted(flight)) {
                return false;
            }
        }
        try {
            // On the executor: a long row of fetches that fail at once must not become a deep stack.
            disk.execute(() -> attempt(flight, line));
            return true;
        } catch (RejectedExecutionException e) {
            log.debug("The host is shutting down; what waits to be fetched is dropped");
            return false;
        }
    }

    private synchronized boolean endIfUnwanted(Flight flight) {
        if (!flight.waiters.isEmpty()) {
            return false;
        }
        flights.remove(flight.digest, flight);
        return true;
    }

    private void attempt(Flight flight, String line) {
        long beganNanos = System.nanoTime();
        BlobFetch fetch = new BlobFetch(store, flight.digest, flight.name, disk);
        var unused = fetch.start(blobs).whenComplete((file, thrown) -> {
            places.leave(line);
            if (thrown == null) {
                arrived(flight, file);
            } else {
                failed(flight, thrown, beganNanos);
            }
        });
    }

    private void arrived(Flight flight, Path file) {
        List<Waiter> waiters;
        int failures;
        synchronized (this) {
            flights.remove(flight.digest, flight);
            waiters = List.copyOf(flight.waiters);
            failures = flight.failures;
        }
        fetched.incrementAndGet();
        fetchedBytes.addAndGet(flight.digest.sizeBytes());
        log.debug(
                "Fetched blob digest={} file={} failures={} tookMillis={}",
                flight.digest,
                file,
                failures,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - flight.beganNanos));
        waiters.forEach(waiter -> waiter.file.complete(file));
    }

    private void failed(Flight flight, Throwable thrown, long beganNanos) {
        long nowNanos = System.nanoTime();
        List<Waiter> givingUp = new ArrayList<>();
        int failures;
        long pauseMillis = -1;
        synchronized (this) {
            failures = ++flight.failures;
            for (Waiter waiter : flight.waiters) {
                if (waiter.givesUp(thrown, beganNanos, nowNanos)) {
                    givingUp.add(waiter);
                }
            }
            flight.waiters.removeAll(givingUp);
            if (!endIfUnwanted(flight)) {
                pauseMillis = flight.waiters.get(0).patience.pauseMillis();
            }
        }
        givingUp.forEach(waiter -> waiter.file.completeExceptionally(thrown));
        if (pauseMillis < 0) {
            return;
        }
        log.debug(
                "Fetching again digest={} failures={} pauseMillis={} reason={}",
                flight.digest,
                failures,
                pauseMillis,
                thrown.toString());
        if (failures == FAILURES_TO_WARN) {
            log.warn(
                    "blob={} name={} cannot be fetched yet, and is tried on: {}",
                    flight.digest,
                    flight.name,
                    thrown.toString());
        }
        CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS, disk)
                .execute(() -> enter(flight));
    }

    /** None of that line waits any more: they fail, and what nobody else waits for is not tried again. */
    void withdraw(String line, String reason) {
        List<Waiter> withdrawn = new ArrayList<>();
        synchronized (this) {
            for (Flight flight : flights.values()) {
                withdrawn.addAll(flight.takeOf(line));
            }
        }
        fail(withdrawn, reason);
    }

    /** As the other, but only for these. */
    void withdraw(String line, Collection<BlobDigest> digests, String reason) {
        List<Waiter> withdrawn = new ArrayList<>();
        synchronized (this) {
            for (BlobDigest digest : digests) {
                Flight flight = flights.get(digest);
                if (flight != null) {
                    withdrawn.addAll(flight.takeOf(line));
                }
            }
        }
        fail(withdrawn, reason);
    }

    private static void fail(List<Waiter> waiters, String reason) {
        waiters.forEach(waiter -> waiter.file.completeExceptionally(new IOException(reason)));
    }

    /** How many have come. */
    long fetched() {
        return fetched.get();
    }

    long fetchedBytes() {
        return fetchedBytes.get();
    }

    /** Fetches nothing more; what waits for it fails. */
    @Override
    public void close() {
        List<Waiter> dropped = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (Flight flight : flights.values()) {
                dropped.addAll(flight.waiters);
                flight.waiters.clear();
            }
            flights.clear();
        }
        fail(dropped, SHUTTING_DOWN);
    }
}

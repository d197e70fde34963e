package io.farpool.worker.blob;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.Digest;
import io.farpool.worker.process.ClassPathSource;
import io.farpool.worker.process.SharedSource;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes bundles and shared values files on this host: what is not in the {@link BlobStore} yet is fetched from the coordinator, checked while
 * it comes, and kept for the sessions that follow. A blob that several sessions ask for at once is fetched once. What a
 * session has resolved stays until it is {@linkplain #release released}.
 *
 * <p>Thread-safe, and no method waits: files are read and written on the executor given. The paths it gives out end in
 * {@code .jar} and lie in the store's directory, whatever names the bundle came with.
 */
public final class BlobCache implements ClassPathSource, SharedSource, Closeable {
    private static final Logger log = LoggerFactory.getLogger(BlobCache.class);

    /** Entries a bundle may have; one with more is refused. */
    public static final int MAX_ENTRIES = 10_000;

    /** Blobs fetched at once; the others wait their turn. */
    static final int MAX_FETCHES = 4;

    private static final Duration DEFAULT_COORDINATOR_LOSS = Duration.ofMinutes(10);

    /** Some seconds of trying: then somebody may want to know. */
    private static final int FAILURES_TO_WARN = 6;

    private final BlobStore store;
    private final BlobsGrpc.BlobsStub blobs;
    private final Executor disk;
    private final Patience.Limits limits;
    private final AtomicLong fetched = new AtomicLong();
    private final AtomicLong fetchedBytes = new AtomicLong();

    // All below is guarded by this.
    private final Set<String> sessions = new LinkedHashSet<>();
    private final Map<BlobDigest, Flight> flights = new LinkedHashMap<>();
    private final Queue<Flight> waiting = new ArrayDeque<>();
    private int running;
    private boolean closed;

    /** A blob that is being fetched, or waits for that. */
    private static final class Flight {
        final Wanted blob;
        final CompletableFuture<Path> file = new CompletableFuture<>();
        final long beganNanos = System.nanoTime();
        final Patience patience; // of one try after the other

        Flight(Wanted blob, Patience.Limits limits) {
            this.blob = blob;
            this.patience = new Patience(limits, blob.shared());
        }
    }

    /** @param shared it is a shared value, which tasks that run wait for */
    private record Wanted(BlobDigest digest, String name, boolean shared) {}

    /**
     * @param store where blobs are kept; the caller closes it, after this
     * @param blobs where they are fetched
     * @param disk runs what reads and writes files; the caller ends it, after this
     */
    public BlobCache(BlobStore store, BlobsGrpc.BlobsStub blobs, Executor disk) {
        this(store, blobs, disk, DEFAULT_COORDINATOR_LOSS);
    }

    /**
     * As the other.
     *
     * @param coordinatorLoss how long a coordinator that does not answer is asked
     */
    public BlobCache(BlobStore store, BlobsGrpc.BlobsStub blobs, Executor disk, Duration coordinatorLoss) {
        this(store, blobs, disk, new Patience.Limits(Patience.ABSENT, coordinatorLoss));
    }

    BlobCache(BlobStore store, BlobsGrpc.BlobsStub blobs, Executor disk, Patience.Limits limits) {
        if (store.directory().toString().contains(File.pathSeparator)) {
            throw new IllegalArgumentException("a class path cannot hold files of a directory with '"
                    + File.pathSeparator + "' in its name: " + store.directory());
        }
        this.store = store;
        this.blobs = blobs;
        this.disk = disk;
        this.limits = limits;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Every entry must carry its digest: a path on another machine means nothing here. May be called again for a session
     * whose bundle has grown. Whatever comes of it, the session is to be {@linkplain #release released} in the end.
     */
    @Override
    public CompletionStage<List<Path>> resolve(String sessionId, Bundle bundle) {
        List<Wanted> wanted;
        try {
            wanted = wanted(bundle);
            synchronized (this) {
                if (closed) {
                    throw shuttingDown();
                }
                sessions.add(sessionId);
                store.pinAhead(sessionId, wanted.stream().map(Wanted::digest).toList());
            }
        } catch (IOException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        List<CompletableFuture<Path>> files = new ArrayList<>(wanted.size());
        try {
            for (Wanted entry : wanted) {
                files.add(file(entry));
            }
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(shuttingDown());
        }
        return CompletableFuture.allOf(files.toArray(CompletableFuture[]::new))
                .thenApply(all -> classPath(sessionId, files));
    }

    /** Of entries with the same bytes only the first: one file, under its name, however the fetches go. */
    private static List<Wanted> wanted(Bundle bundle) {
        if (bundle.getEntriesCount() > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "a bundle has at most " + MAX_ENTRIES + " entries, not " + bundle.getEntriesCount());
        }
        Map<BlobDigest, Wanted> wanted = new LinkedHashMap<>();
        for (BundleEntry entry : bundle.getEntriesList()) {
            if (!entry.hasDigest()) {
                throw new IllegalArgumentException("the bundle's entry '" + entry.getName()
                        + "' has no digest: a path on the client's machine cannot be used on this host");
            }
            try {
                BlobDigest digest = BlobDigest.of(entry.getDigest());
                wanted.putIfAbsent(digest, new Wanted(digest, jarName(entry.getName()), false));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "the bundle's entry '" + entry.getName() + "' is malformed: " + e.getMessage(), e);
            }
        }
        return List.copyOf(wanted.values());
    }

    private List<Path> classPath(String sessionId, List<CompletableFuture<Path>> files) {
        synchronized (this) {
            if (!sessions.contains(sessionId)) {
                throw new CompletionException(new IOException("session " + sessionId + " has ended meanwhile"));
            }
        }
        return files.stream().map(CompletableFuture::join).distinct().toList();
    }

    /** Lets go of what a session has resolved; unknown sessions are ignored. The files stay until their room is needed. */
    @Override
    public void release(String sessionId) {
        synchronized (this) {
            if (sessions.remove(sessionId)) {
                store.unpin(sessionId);
                store.unpin(sharedBy(sessionId));
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ shared values

    @Override
    public CompletionStage<Path> shared(String sessionId, Digest wire) {
        Wanted wanted;
        try {
            wanted = new Wanted(BlobDigest.of(wire), "shared", true);
            synchronized (this) {
                if (closed || !sessions.contains(sessionId)) {
                    throw closed ? shuttingDown() : new IOException("session " + sessionId + " has ended");
                }
                store.pinAhead(sharedBy(sessionId), List.of(wanted.digest()));
            }
            return file(wanted);
        } catch (IOException | IllegalArgumentException | RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void releaseShared(String sessionId, List<Digest> digests) {
        List<BlobDigest> released = new ArrayList<>(digests.size());
        for (Digest digest : digests) {
            try {
                released.add(BlobDigest.of(digest));
            } catch (IllegalArgumentException malformed) {
                log.debug("session={} released=malformed", sessionId, malformed);
            }
        }
        store.unpin(sharedBy(sessionId), released);
    }

    /** Apart from its class path, which it keeps whatever it releases. */
    private static String sharedBy(String sessionId) {
        return sessionId + "/shared";
    }

    @Override
    public long fetched() {
        return fetched.get();
    }

    @Override
    public long fetchedBytes() {
        return fetchedBytes.get();
    }

    // ------------------------------------------------------------------------------------------------ fetching

    private CompletableFuture<Path> file(Wanted entry) {
        return CompletableFuture.completedFuture(entry)
                .thenComposeAsync(this::locate, disk)
                .exceptionally(thrown -> {
                    Throwable cause = thrown instanceof CompletionException && thrown.getCause() != null
                            ? thrown.getCause()
                            : thrown;
                    throw new CompletionException(new IOException(
                            "cannot have " + (entry.shared() ? "a shared value" : "'" + entry.name() + "'") + ", blob "
                                    + entry.digest() + ": " + message(cause),
                            cause));
                });
    }

    private static String message(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private CompletableFuture<Path> locate(Wanted entry) {
        Flight flight;
        try {
            synchronized (this) {
                Flight other = flights.get(entry.digest());
                if (other != null) {
                    return other.file;
                }
            }
            // Outside the lock, as it may read the whole file; who comes in between asks twice, and no more.
            Path file = store.locate(entry.digest()).orElse(null);
            if (file != null) {
                return CompletableFuture.completedFuture(file);
            }
            synchronized (this) {
                if (closed) {
                    throw shuttingDown();
                }
                Flight other = flights.get(entry.digest());
                if (other != null) {
                    return other.file;
                }
                flight = new Flight(entry, limits);
                flights.put(entry.digest(), flight);
                waiting.add(flight);
            }
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        startNext();
        return flight.file;
    }

    private static String jarName(String name) {
        return name.endsWith(".jar") ? name : name + ".jar";
    }

    private void startNext() {
        Flight next;
        synchronized (this) {
            if (running == MAX_FETCHES || waiting.isEmpty()) {
                return;
            }
            next = waiting.remove();
            running++;
        }
        attempt(next);
    }

    private void attempt(Flight flight) {
        long beganNanos = System.nanoTime();
        BlobFetch fetch = new BlobFetch(store, flight.blob.digest(), flight.blob.name(), disk);
        var unused = fetch.start(blobs).whenComplete((file, thrown) -> {
            if (thrown == null) {
                fetched.incrementAndGet();
                fetchedBytes.addAndGet(flight.blob.digest().sizeBytes());
                log.debug(
                        "Fetched blob digest={} file={} failures={} tookMillis={}",
                        flight.blob.digest(),
                        file,
                        flight.patience.failures(),
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - flight.beganNanos));
                end(flight, () -> flight.file.complete(file));
            } else if (flight.patience.failed(thrown, beganNanos, System.nanoTime()) && isStillWanted(flight)) {
                long pauseMillis = flight.patience.pauseMillis();
                log.debug(
                        "Fetching again digest={} failures={} pauseMillis={} reason={}",
                        flight.blob.digest(),
                        flight.patience.failures(),
                        pauseMillis,
                        thrown.toString());
                if (flight.patience.failures() == FAILURES_TO_WARN) {
                    log.warn(
                            "blob={} name={} cannot be fetched yet, and is tried on: {}",
                            flight.blob.digest(),
                            flight.blob.name(),
                            message(thrown));
                }
                pause(flight, pauseMillis);
            } else {
                end(flight, () -> flight.file.completeExceptionally(thrown));
            }
        });
    }

    /** No more once its session has ended, or has released it. */
    private synchronized boolean isStillWanted(Flight flight) {
        return !closed && store.isPinned(flight.blob.digest());
    }

    /** Others have its turn meanwhile. */
    private void pause(Flight flight, long pauseMillis) {
        synchronized (this) {
            running--;
        }
        CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS, disk)
                .execute(() -> {
                    boolean dropped;
                    synchronized (this) {
                        dropped = closed;
                        if (!dropped) {
                            waiting.add(flight);
                        }
                    }
                    if (dropped) {
                        flight.file.completeExceptionally(shuttingDown());
                    } else {
                        startNext();
                    }
                });
        startNextLater();
    }

    private static IOException shuttingDown() {
        return new IOException("the host is shutting down");
    }

    private void end(Flight flight, Runnable completion) {
        synchronized (this) {
            flights.remove(flight.blob.digest());
            running--;
        }
        completion.run();
        startNextLater();
    }

    private void startNextLater() {
        try {
            // On the executor: a long row of fetches that fail at once must not become a deep stack.
            disk.execute(this::startNext);
        } catch (RejectedExecutionException e) {
            log.debug("The host is shutting down; what waits to be fetched is dropped");
        }
    }

    /** Fetches nothing more; what waits for it fails. */
    @Override
    public void close() {
        List<Flight> dropped;
        synchronized (this) {
            closed = true;
            dropped = new ArrayList<>(flights.values());
            waiting.clear();
            flights.clear();
        }
        dropped.forEach(flight -> flight.file.completeExceptionally(shuttingDown()));
    }
}

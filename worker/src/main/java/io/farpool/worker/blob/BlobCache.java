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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes bundles and shared values files on this host: what is not in the {@link BlobStore} yet is {@linkplain BlobFetches fetched}
 * from the coordinator, checked while it comes, and kept for the sessions that follow. What a session has resolved stays until
 * it is {@linkplain #release released}.
 *
 * <p>Thread-safe, and no method waits: files are read and written on the executor given. The paths it gives out end in
 * {@code .jar} and lie in the store's directory, whatever names the bundle came with.
 */
public final class BlobCache implements ClassPathSource, SharedSource, Closeable {
    private static final Logger log = LoggerFactory.getLogger(BlobCache.class);

    /** Entries a bundle may have; one with more is refused. */
    public static final int MAX_ENTRIES = 10_000;

    private static final Duration DEFAULT_COORDINATOR_LOSS = Duration.ofMinutes(10);

    private final BlobStore store;
    private final BlobFetches fetches;
    private final Executor disk;
    private final Patience.Limits limits;

    // Guarded by this.
    private final Set<String> sessions = new LinkedHashSet<>();
    private boolean closed;

    /** @param shared it is a shared value, which tasks that run wait for */
    private record Wanted(String sessionId, BlobDigest digest, String name, boolean shared) {
        /** By which it is pinned, and in whose line it waits: a class path does not wait behind what its session shares. */
        String holder() {
            return shared ? sharedBy(sessionId) : sessionId;
        }
    }

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
        this.fetches = new BlobFetches(store, blobs, disk);
        this.disk = disk;
        this.limits = limits;
    }

    // -------------------------------------------------------------------------------------------------- class paths

    /**
     * {@inheritDoc}
     *
     * <p>Every entry must carry its digest: a path on another machine means nothing here. Whatever comes of it, the session is to
     * be {@linkplain #release released} in the end. Of what is here already it takes a look at each file, which is read again only
     * if it has changed.
     */
    @Override
    public CompletionStage<List<Path>> resolve(String sessionId, Bundle bundle) {
        List<Wanted> wanted;
        try {
            wanted = wanted(sessionId, bundle);
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
    private static List<Wanted> wanted(String sessionId, Bundle bundle) {
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
                wanted.putIfAbsent(digest, new Wanted(sessionId, digest, jarName(entry.getName()), false));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "the bundle's entry '" + entry.getName() + "' is malformed: " + e.getMessage(), e);
            }
        }
        return List.copyOf(wanted.values());
    }

    private static String jarName(String name) {
        return name.endsWith(".jar") ? name : name + ".jar";
    }

    private List<Path> classPath(String sessionId, List<CompletableFuture<Path>> files) {
        if (!isHere(sessionId)) {
            throw new CompletionException(new IOException(hasEnded(sessionId)));
        }
        return files.stream().map(CompletableFuture::join).distinct().toList();
    }

    /** Lets go of what a session has resolved; unknown sessions are ignored. The files stay until their room is needed. */
    @Override
    public void release(String sessionId) {
        synchronized (this) {
            if (!sessions.remove(sessionId)) {
                return;
            }
            store.unpin(sessionId);
            store.unpin(sharedBy(sessionId));
        }
        fetches.withdraw(sessionId, hasEnded(sessionId));
        fetches.withdraw(sharedBy(sessionId), hasEnded(sessionId));
    }

    // ------------------------------------------------------------------------------------------------ shared values

    @Override
    public CompletionStage<Path> shared(String sessionId, Digest wire, boolean keep) {
        Wanted wanted;
        try {
            wanted = new Wanted(sessionId, BlobDigest.of(wire), "shared", true);
            synchronized (this) {
                if (closed || !sessions.contains(sessionId)) {
                    throw closed ? shuttingDown() : new IOException(hasEnded(sessionId));
                }
                if (keep) {
                    store.pinAhead(wanted.holder(), List.of(wanted.digest()));
                }
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
        fetches.withdraw(sharedBy(sessionId), released, "it has been closed");
    }

    /** Apart from its class path, which it keeps whatever it releases. */
    private static String sharedBy(String sessionId) {
        return sessionId + "/shared";
    }

    @Override
    public long fetched() {
        return fetches.fetched();
    }

    @Override
    public long fetchedBytes() {
        return fetches.fetchedBytes();
    }

    // ------------------------------------------------------------------------------------------------ files

    private CompletableFuture<Path> file(Wanted wanted) {
        return CompletableFuture.completedFuture(wanted)
                .thenComposeAsync(this::locate, disk)
                .exceptionally(thrown -> {
                    Throwable cause = thrown instanceof CompletionException && thrown.getCause() != null
                            ? thrown.getCause()
                            : thrown;
                    throw new CompletionException(new IOException(
                            "cannot have " + (wanted.shared() ? "a shared value" : "'" + wanted.name() + "'")
                                    + ", blob " + wanted.digest() + ": "
                                    + (cause.getMessage() == null ? cause.toString() : cause.getMessage()),
                            cause));
                });
    }

    private CompletableFuture<Path> locate(Wanted wanted) {
        Optional<Path> here;
        try {
            here = store.locate(wanted.digest());
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (here.isPresent()) {
            return CompletableFuture.completedFuture(here.get());
        }
        // If it has come meanwhile, it is fetched twice, and no more.
        CompletableFuture<Path> file =
                fetches.fetch(wanted.holder(), wanted.digest(), wanted.name(), new Patience(limits, wanted.shared()));
        if (!isHere(wanted.sessionId())) {
            // Its release may not have found it.
            fetches.withdraw(wanted.holder(), hasEnded(wanted.sessionId()));
        }
        return file;
    }

    private synchronized boolean isHere(String sessionId) {
        return sessions.contains(sessionId);
    }

    private static String hasEnded(String sessionId) {
        return "session " + sessionId + " has ended";
    }

    private static IOException shuttingDown() {
        return new IOException(BlobFetches.SHUTTING_DOWN);
    }

    /** Fetches nothing more; what waits for it fails. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        fetches.close();
    }
}

package io.farpool.blob;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs in files under one directory, named by their content, up to a size limit. Past the limit the least recently used
 * go, but never what a session has {@linkplain #pin pinned}, nor what somebody was told within the last {@link #KEEP} is here.
 *
 * <p>What is told to be here is whole: bytes are checked against their digest when they are written; what is found on disk at
 * a start is checked when it is first asked for, and again whenever the file has changed; and reading checks as it goes. A
 * blob that fails is discarded, so that it counts as missing and is fetched or sent again. That is also why nothing is
 * fsynced: after a power loss the check finds out.
 *
 * <p>Thread-safe. Methods read and write files (a first check reads a whole blob), so they do not belong on an event loop.
 * One store has a directory at a time, over all processes of the machine.
 */
public final class BlobStore implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(BlobStore.class);

    /** How long a blob that was just said to be here, or was just stored, stays without a pin: a session's lease. */
    public static final Duration KEEP = Duration.ofSeconds(30);

    /** What any blob counts at least: a block of the disk. Bounds how many there can be within the limit. */
    static final long BLOCK_BYTES = 4_096;

    /** What a file was like when its bytes were checked; any difference means another check. */
    private record Stamp(long sizeBytes, FileTime modified, @Nullable Object fileKey) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        }
    }

    /** What Linux says of a process, or a machine, that has as many open as it may. */
    private static final String TOO_MANY_OPEN = "Too many open files";

    private static final class Entry {
        final Path file;
        /** Null until the bytes have been checked. */
        @Nullable
        Stamp checked;

        long keepUntilNanos;

        Entry(Path file, @Nullable Stamp checked, long keepUntilNanos) {
            this.file = file;
            this.checked = checked;
            this.keepUntilNanos = keepUntilNanos;
        }
    }

    private final BlobLayout layout;
    private final long limitBytes;
    private final LongSupplier nanoClock;
    private final FileChannel lockChannel;
    private final BlobPins pins = new BlobPins();

    private volatile boolean closed;

    // All below is guarded by this.
    /** Least recently used first. */
    private final LinkedHashMap<BlobDigest, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private long storedBytes;
    private long reservedBytes;

    private BlobStore(BlobLayout layout, long limitBytes, LongSupplier nanoClock, FileChannel lockChannel) {
        this.layout = layout;
        this.limitBytes = limitBytes;
        this.nanoClock = nanoClock;
        this.lockChannel = lockChannel;
    }

    /**
     * Opens the store in a directory, which is made if need be. What a crash has left half written is removed.
     *
     * @param limitBytes how much it may hold, each blob counted in whole blocks of 4 KiB
     * @throws IOException if another store has the directory, or it cannot be read and written; the message names it
     */
    public static BlobStore open(Path directory, long limitBytes) throws IOException {
        return open(directory, limitBytes, System::nanoTime);
    }

    static BlobStore open(Path directory, long limitBytes, LongSupplier nanoClock) throws IOException {
        if (limitBytes < BLOCK_BYTES) {
            throw new IllegalArgumentException(
                    "a blob store's limit is at least " + BLOCK_BYTES + " bytes, not " + limitBytes);
        }
        BlobLayout layout = new BlobLayout(directory.toAbsolutePath().normalize());
        try {
            layout.createDirectories();
        } catch (IOException e) {
            throw new IOException("cannot make the blob store's directory " + layout.root() + ": " + reason(e), e);
        }
        FileChannel lockChannel = lock(layout);
        try {
            BlobStore store = new BlobStore(layout, limitBytes, nanoClock, lockChannel);
            store.load();
            return store;
        } catch (IOException | RuntimeException e) {
            lockChannel.close();
            throw e;
        }
    }

    private static FileChannel lock(BlobLayout layout) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(layout.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("cannot open " + layout.lockFile() + ": " + reason(e), e);
        }
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        } catch (IOException e) {
            channel.close();
            throw new IOException("cannot lock " + layout.lockFile() + ": " + reason(e), e);
        }
        if (lock == null) {
            channel.close();
            throw new IOException("the blob store " + layout.root()
                    + " is in use by another coordinator or worker; give each a directory of its own");
        }
        return channel;
    }

    private synchronized void load() throws IOException {
        layout.removeIncoming();
        for (BlobLayout.Found found : layout.scan()) {
            entries.put(found.digest(), new Entry(found.file(), null, nanoClock.getAsLong()));
            storedBytes += roomFor(found.digest());
        }
        evictDownTo(limitBytes);
        log.info(
                "Opened blob store directory={} blobs={} storedBytes={} limitBytes={}",
                layout.root(),
                entries.size(),
                storedBytes,
                limitBytes);
    }

    /** Where it is. */
    public Path directory() {
        return layout.root();
    }

    /** What it holds now, in whole blocks. */
    public synchronized long storedBytes() {
        return storedBytes;
    }

    /** How many blobs it holds now. */
    public synchronized int blobCount() {
        return entries.size();
    }

    /**
     * Which of these are not here; each once, in the order given. What is here stays for {@link #KEEP} even without a pin.
     *
     * @throws BlobStoreUnavailableException if the store is closed
     */
    public List<BlobDigest> findMissing(Collection<BlobDigest> digests) throws IOException {
        List<BlobDigest> missing = new ArrayList<>();
        for (BlobDigest digest : new LinkedHashSet<>(digests)) {
            if (locate(digest).isEmpty()) {
                missing.add(digest);
            }
        }
        return missing;
    }

    /**
     * The file that holds a blob, whole; empty if it is not here. It stays for {@link #KEEP}, or as long as it is pinned.
     *
     * @throws BlobStoreUnavailableException if the store is closed, or too many files are open to look at this one
     */
    public Optional<Path> locate(BlobDigest digest) throws IOException {
        Entry entry = use(digest);
        if (entry == null) {
            return Optional.empty();
        }
        String damage;
        try {
            Stamp now = Stamp.of(entry.file);
            synchronized (this) {
                if (now.equals(entry.checked)) {
                    return Optional.of(entry.file);
                }
            }
            BlobDigest actual = BlobDigest.ofFile(entry.file);
            if (actual.equals(digest)) {
                synchronized (this) {
                    entry.checked = now;
                }
                return Optional.of(entry.file);
            }
            damage = "it holds " + actual;
        } catch (IOException e) {
            damage = damage(digest, e);
        }
        discard(digest, entry, damage);
        return Optional.empty();
    }

    private synchronized @Nullable Entry use(BlobDigest digest) throws IOException {
        requireOpen();
        Entry entry = entries.get(digest);
        if (entry != null) {
            entry.keepUntilNanos = nanoClock.getAsLong() + KEEP.toNanos();
        }
        return entry;
    }

    /**
     * Holds blobs here until {@link #unpin}. All of them, or none if one is missing. A holder may pin more later; pinning
     * again what it has pinned changes nothing.
     *
     * @param holder who needs them: a session's id
     * @return what is missing; empty if they are pinned
     * @throws BlobStoreUnavailableException if the store is closed
     */
    public List<BlobDigest> pin(String holder, Collection<BlobDigest> digests) throws IOException {
        // Pinned first and looked for then, so that nothing can be evicted in between.
        Set<BlobDigest> added = pinAhead(holder, digests);
        List<BlobDigest> missing = findMissing(digests);
        if (!missing.isEmpty()) {
            unpin(holder, added);
        }
        return missing;
    }

    /**
     * Holds blobs here until {@link #unpin}, whether they are here already or still to come. Does not wait for the disk, nor do
     * the methods that follow it here.
     *
     * @return those that the holder had not pinned before
     * @throws BlobStoreUnavailableException if the store is closed
     */
    public Set<BlobDigest> pinAhead(String holder, Collection<BlobDigest> digests) throws IOException {
        requireOpen();
        return pins.add(holder, digests);
    }

    /** From here on one holder has pinned what another has until now, beside its own. */
    public void handOver(String from, String to) {
        pins.handOver(from, to);
    }

    /** Lets go of some of what a holder has pinned; what it has not is ignored. The blobs stay until their room is needed. */
    public void unpin(String holder, Collection<BlobDigest> digests) {
        pins.remove(holder, digests);
    }

    /** Lets go of all that a holder has pinned, if anything. The blobs stay until their room is needed. */
    public void unpin(String holder) {
        pins.removeAll(holder);
    }

    /** Whether anybody has pinned it, here or not. */
    public boolean isPinned(BlobDigest digest) {
        return pins.contains(digest);
    }

    /**
     * Begins to store a blob, and reserves its room: others may be evicted for it. Several may write the same blob at once.
     *
     * @param name a name for people, which the file gets as far as it is a safe one
     * @throws BlobStoreFullException if what cannot be evicted leaves no room for it
     * @throws IOException if the file cannot be made, or the store is closed
     */
    public BlobWriter write(BlobDigest digest, String name) throws IOException {
        synchronized (this) {
            requireOpen();
            reserve(digest);
        }
        try {
            return new BlobWriter(this, digest, BlobLayout.sanitized(name), layout.incoming(UUID.randomUUID()));
        } catch (IOException e) {
            releaseReservation(digest);
            throw explained("make a file for blob " + digest, e);
        }
    }

    /**
     * Begins to read a blob.
     *
     * @return empty if it is not here
     * @throws BlobStoreUnavailableException if the store is closed, or too many files are open to look at this one
     */
    public synchronized Optional<BlobReader> read(BlobDigest digest) throws IOException {
        Entry entry = use(digest);
        if (entry == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BlobReader(this, digest, FileChannel.open(entry.file, StandardOpenOption.READ)));
        } catch (IOException e) {
            discard(digest, damage(digest, e));
            return Optional.empty();
        }
    }

    /** What is wrong with a blob's file that cannot be read; thrown if it may be whole all the same. */
    private static String damage(BlobDigest digest, IOException e) throws IOException {
        if (String.valueOf(e.getMessage()).contains(TOO_MANY_OPEN)) {
            throw new BlobStoreUnavailableException("cannot open the file of blob " + digest + ": " + reason(e), e);
        }
        return reason(e);
    }

    /** Forgets a blob whose file is not what it should be. Pins on it stay, for the blob that takes its place. */
    synchronized void discard(BlobDigest digest, String damage) {
        Entry entry = entries.get(digest);
        if (entry != null) {
            discard(digest, entry, damage);
        }
    }

    private synchronized void discard(BlobDigest digest, Entry entry, String damage) {
        // Another may have discarded it already, and a good one may have come since.
        if (!closed && entries.remove(digest, entry)) {
            storedBytes -= roomFor(digest);
            log.warn("Discarded a damaged blob digest={} file={} damage={}", digest, entry.file, damage);
            removeFile(digest);
        }
    }

    /** Makes a written file the blob; true if the blob is here already. Either way the file is gone from where it was. */
    synchronized boolean adopt(BlobDigest digest, Path temporary, String fileName) throws IOException {
        requireOpen();
        Path file = layout.fileOf(digest, fileName);
        boolean alreadyThere = use(digest) != null;
        try {
            if (alreadyThere) {
                Files.delete(temporary);
            } else {
                Files.createDirectories(layout.directoryOf(digest));
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
                entries.put(digest, new Entry(file, Stamp.of(file), nanoClock.getAsLong() + KEEP.toNanos()));
                storedBytes += roomFor(digest);
                log.debug("Stored blob digest={} file={}", digest, file);
            }
        } catch (IOException e) {
            throw explained("put blob " + digest + " in its place", e);
        }
        releaseReservation(digest);
        return alreadyThere;
    }

    synchronized void releaseReservation(BlobDigest digest) {
        reservedBytes -= roomFor(digest);
    }

    private synchronized void reserve(BlobDigest digest) throws BlobStoreFullException {
        long neededBytes = roomFor(digest);
        long mostBytes = limitBytes - reservedBytes - neededBytes;
        long held = storedBytes - evictableBytes();
        // Checked before anything is evicted: a blob that cannot be stored anyway must not cost others theirs.
        if (mostBytes < held) {
            throw new BlobStoreFullException(
                    "no room for blob " + digest + " in the blob store " + layout.root()
                            + ": of its limit of " + limitBytes + " bytes, live sessions hold " + held + " and uploads "
                            + reservedBytes,
                    mostBytes >= pinnedBytes());
        }
        evictDownTo(mostBytes);
        reservedBytes += neededBytes;
    }

    private synchronized long pinnedBytes() {
        long bytes = 0;
        for (BlobDigest digest : entries.keySet()) {
            if (pins.contains(digest)) {
                bytes += roomFor(digest);
            }
        }
        return bytes;
    }

    private synchronized long evictableBytes() {
        long nowNanos = nanoClock.getAsLong();
        long bytes = 0;
        for (Map.Entry<BlobDigest, Entry> entry : entries.entrySet()) {
            if (isEvictable(entry, nowNanos)) {
                bytes += roomFor(entry.getKey());
            }
        }
        return bytes;
    }

    private synchronized void evictDownTo(long mostBytes) {
        long nowNanos = nanoClock.getAsLong();
        Iterator<Map.Entry<BlobDigest, Entry>> oldestFirst = entries.entrySet().iterator();
        while (storedBytes > mostBytes && oldestFirst.hasNext()) {
            Map.Entry<BlobDigest, Entry> entry = oldestFirst.next();
            if (isEvictable(entry, nowNanos)) {
                oldestFirst.remove();
                storedBytes -= roomFor(entry.getKey());
                log.debug("Evicted blob digest={}", entry.getKey());
                removeFile(entry.getKey());
            }
        }
    }

    private synchronized boolean isEvictable(Map.Entry<BlobDigest, Entry> entry, long nowNanos) {
        return !pins.contains(entry.getKey()) && entry.getValue().keepUntilNanos - nowNanos <= 0;
    }

    private void removeFile(BlobDigest digest) {
        try {
            layout.remove(digest);
        } catch (IOException e) {
            // Its room is still taken. The next start finds it and counts it again.
            log.warn("Cannot remove blob digest={} reason={}", digest, reason(e));
        }
    }

    /** The error to tell when the disk refused something: what passes, and full, are told apart. */
    IOException explained(String action, IOException cause) {
        String message = "cannot " + action + " in " + layout.root() + ": " + reason(cause);
        String said = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (said.contains("no space left") || said.contains("quota exceeded") || said.contains("not enough space")) {
            return new BlobStoreFullException(message, cause);
        }
        if (String.valueOf(cause.getMessage()).contains(TOO_MANY_OPEN)) {
            return new BlobStoreUnavailableException(message, cause);
        }
        return new IOException(message, cause);
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private static long roomFor(BlobDigest digest) {
        long blocks = Math.max(1, (digest.sizeBytes() - 1) / BLOCK_BYTES + 1);
        return blocks > Long.MAX_VALUE / 4 / BLOCK_BYTES ? Long.MAX_VALUE / 4 : blocks * BLOCK_BYTES;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new BlobStoreUnavailableException("the blob store " + layout.root() + " is closed");
        }
    }

    /** Gives the directory free. Blobs stay on disk; writers that have not committed fail when they do. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unlock " + layout.root() + ": " + e.getMessage(), e);
        }
    }
}

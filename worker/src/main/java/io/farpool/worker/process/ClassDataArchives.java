package io.farpool.worker.process;

import io.farpool.worker.hosting.ProcessKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes worker processes start faster: with the JVM's class-data sharing they find the classes of Farpool itself parsed and
 * linked in an archive, which is mapped. There is one archive for each JDK and version of Farpool, whatever the programs are,
 * since Farpool's entries come first on a worker process's class path.
 *
 * <p>The first process of its kind starts without. A while later, a JVM of low priority rehearses what a process does and
 * leaves the archive; at most one at a time. Nothing waits for it, and what comes of it is logged and no more: a process
 * whose JVM cannot use an archive, or has none, only starts slower.
 *
 * <p>Thread-safe.
 */
public final class ClassDataArchives implements AutoCloseable {
    /** A system property: {@code off}, or a directory for the archives of embedded pools. */
    public static final String PROPERTY = "farpool.classDataArchives";

    /** An environment variable that says the same, where the property is not set. */
    public static final String VARIABLE = "FARPOOL_CLASS_DATA_ARCHIVES";

    private static final String OFF = "off";

    /** From the first process to the rehearsal: the program that waits for the process comes first. */
    private static final long DELAY_MILLIS = 3_000;

    /** Keys that wait for their rehearsal, or that had one in vain; those past it go without an archive. */
    private static final int MOST_KEYS = 32;

    private static final Logger log = LoggerFactory.getLogger(ClassDataArchives.class);

    /** Null: there are no archives. */
    private final @Nullable ArchiveFiles files;

    private final boolean outlives;
    private final long delayMillis;

    // Guarded by this.
    private final Set<String> known = new LinkedHashSet<>();
    private final Deque<Rehearsal> waiting = new ArrayDeque<>();
    private @Nullable Rehearsal running;
    private @Nullable ScheduledExecutorService stage;
    private boolean closed;

    private ClassDataArchives(@Nullable ArchiveFiles files, boolean outlives, long delayMillis) {
        this.files = files;
        this.outlives = outlives;
        this.delayMillis = delayMillis;
    }

    /** None are used or made. */
    public static ClassDataArchives none() {
        return new ClassDataArchives(null, false, 0);
    }

    /**
     * A host's own, in a directory that is made if need be. A rehearsal ends with the daemon.
     *
     * @return {@link #none} if the directory cannot be had, or archives are switched off
     */
    public static ClassDataArchives ofHost(Path directory) {
        return OFF.equals(choice()) ? none() : in(UserCacheDirectory.usable(directory), false, DELAY_MILLIS);
    }

    /**
     * This user's, for embedded pools: the next run of the program gains too. A rehearsal may outlive this JVM, by a second
     * or two; else short programs would never have one.
     *
     * @return {@link #none} if there is no place for them, or archives are switched off
     */
    public static ClassDataArchives ofUser() {
        String choice = choice();
        if (OFF.equals(choice)) {
            return none();
        }
        Path directory =
                choice.startsWith("/") ? UserCacheDirectory.usable(Path.of(choice)) : UserCacheDirectory.find();
        return in(directory, true, DELAY_MILLIS);
    }

    static ClassDataArchives in(@Nullable Path directory, boolean outlives, long delayMillis) {
        // A colon would separate two archives.
        boolean usable = directory != null && directory.toString().indexOf(':') < 0 && Rehearsal.isPossible();
        return usable ? new ClassDataArchives(new ArchiveFiles(directory), outlives, delayMillis) : none();
    }

    private static String choice() {
        String property = System.getProperty(PROPERTY);
        String variable = System.getenv(VARIABLE);
        return property != null ? property.strip() : variable != null ? variable.strip() : "";
    }

    /**
     * The archive for a process that is about to be started; asking shows that it is wanted.
     *
     * @param heapBytes of processes whose session does not say
     * @return null if there is none, or this process could not use it
     */
    @Nullable
    Path find(JavaRuntime java, ProcessKind kind, long heapBytes) {
        if (files == null || !CommandLine.takesArchive(kind.spec())) {
            return null;
        }
        ArchiveKey key =
                ArchiveKey.of(java, kind.spec().getMainClass(), kind.classPath(), kind.runtimeEntries(), heapBytes);
        if (key == null) {
            return null;
        }
        Path archive = files.find(key.name());
        if (archive == null) {
            want(new Rehearsal(key, heapBytes, files));
        }
        return archive;
    }

    private synchronized void want(Rehearsal rehearsal) {
        if (closed || known.size() >= MOST_KEYS || !known.add(rehearsal.key().name())) {
            return;
        }
        waiting.add(rehearsal);
        if (stage == null) {
            stage = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "farpool-archives");
                thread.setDaemon(true);
                return thread;
            });
        }
        var unused = stage.schedule(this::rehearseNext, delayMillis, TimeUnit.MILLISECONDS);
    }

    private void rehearseNext() {
        Rehearsal next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                return;
            }
            running = next;
        }
        String name = next.key().name();
        long beganNanos = System.nanoTime();
        try {
            if (next.start()) {
                String failure = next.await();
                Path archive = failure == null && files != null ? files.find(name) : null;
                if (archive != null) {
                    log.info(
                            "event=archive-made file={} bytes={} took_ms={}",
                            archive,
                            Files.size(archive),
                            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos));
                    synchronized (this) {
                        known.remove(name); // so that it is made again when it has gone
                    }
                } else {
                    log.info(
                            "event=archive-not-made key={} java={} reason=\"{}\"",
                            name,
                            next.key().java().java(),
                            failure == null ? "it left none" : failure);
                }
            } else {
                synchronized (this) {
                    known.remove(name); // whoever was at it may have failed, or be gone
                }
            }
        } catch (IOException e) {
            log.info("event=archive-not-made key={} reason=\"{}\"", name, e.toString());
        } catch (InterruptedException closing) {
            if (!outlives) {
                next.kill();
            }
        } finally {
            synchronized (this) {
                running = null;
            }
        }
    }

    /** Makes no more. A user's rehearsal goes on by itself, and one that was due soon begins; a host's is ended. */
    @Override
    public void close() {
        Rehearsal last;
        Rehearsal ended;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            last = outlives && running == null ? waiting.poll() : null;
            ended = outlives ? null : running;
            waiting.clear();
            if (stage != null) {
                stage.shutdownNow();
            }
        }
        if (ended != null) {
            // Here, since the JVM may be gone before its threads have done anything more.
            ended.kill();
        }
        if (last != null) {
            try {
                boolean ignored = last.start();
            } catch (IOException e) {
                log.debug(
                        "event=archive-not-made key={} reason=\"{}\"",
                        last.key().name(),
                        e.toString());
            }
        }
    }
}

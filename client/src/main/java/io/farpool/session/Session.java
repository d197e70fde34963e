package io.farpool.session;

import io.farpool.BrokenExecutorException;
import io.farpool.BrokenProcessPoolException;
import io.farpool.NotSerializableTaskException;
import io.farpool.Shared;
import io.farpool.TaskOptions;
import io.farpool.codec.Captures;
import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Task;
import io.farpool.shared.SharedBytes;
import io.farpool.shared.SharedFiles;
import io.farpool.shared.SharedOriginal;
import io.farpool.snippet.MemoryClasses;
import io.farpool.wire.PatientExecutor;
import io.farpool.wire.RandomBytes;
import io.farpool.wire.SerialQueue;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open executor's session: takes callables, gives futures. Around {@link SessionCore}, which decides, this is what talks
 * and waits: it serializes in the caller's thread, opens the connection, again whenever it has been lost, and completes
 * futures on threads where user code may run.
 *
 * <p>Thread-safe. Nothing is connected or started before {@link #open} or the first {@link #submit}.
 */
public final class Session implements TaskFuture.Owner, SharedBytes.Listener {
    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private static final long IDLE_THREAD_SECONDS = 5;
    private static final long LOGS_DRAIN_MILLIS = 60_000;
    private static final long LOGS_STUCK_MILLIS = 2_000;
    /** What a JVM's exit may take longer for this. */
    private static final long LEAVE_MILLIS = 1_000;

    private final String id;
    private final PayloadCodec codec;
    private final TaskEncoder encoder;
    private final LogDelivery logs;
    private final Deliveries deliveries;
    private final Executor threads;
    private final SessionPayloads payloads;
    private final SharedFiles sharedFiles;
    private final SharedUploads uploads;
    private final SessionCore core;
    private final SerialQueue<SessionEvent> events;
    private final SessionConnection connection;
    private final ExitHook exitHook = new ExitHook(this::leave);
    /** Completes when the coordinator has answered that the session is over, or there is none to answer. */
    private final CompletableFuture<Void> left = new CompletableFuture<>();

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile @Nullable RuntimeException brokenBecause;

    /**
     * @param connector makes the connection when it is first needed; what it is given runs what blocks on files, and never has it
     *     wait for the user's tasks, as a pool of a fixed size might
     * @param directory where the codec keeps large payloads
     * @param logs takes what worker processes print
     * @param keepAlive held while a future is being completed, callbacks included
     */
    public Session(
            SessionSettings settings,
            Function<Executor, Connection> connector,
            PayloadCodec codec,
            PayloadDirectory directory,
            LogDelivery logs,
            KeepAlive keepAlive) {
        this.id = HexFormat.of().formatHex(RandomBytes.take(16));
        this.codec = codec;
        this.encoder = new TaskEncoder(codec);
        this.logs = logs;
        this.deliveries = new Deliveries(codec, keepAlive);
        // Never shut down: somebody may cancel a future after the session has ended. Idle threads end.
        Executor pool = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_THREAD_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), body -> {
                    Thread thread = new Thread(body, "farpool-session");
                    thread.setDaemon(true);
                    return thread;
                });
        this.threads = new PatientExecutor(pool);
        this.sharedFiles = new SharedFiles(threads);
        this.uploads = new SharedUploads(id, settings.coordinatorLossTimeout(), threads, this::post);
        this.core = new SessionCore(new Effects());
        this.events = new SerialQueue<>(new CoreDriver(), pool);
        this.connection =
                new SessionConnection(id, settings, () -> connector.apply(threads), exitHook, threads, events::post);
        this.payloads = new SessionPayloads(
                id, directory, settings.process().getInitializer(), connection::way, threads, events::post);
    }

    private void post(SessionEvent event) {
        events.post(event);
    }

    @Override
    public String id() {
        return id;
    }

    /** Why the session cannot run tasks any more; null while it can. */
    public @Nullable RuntimeException brokenBecause() {
        return brokenBecause;
    }

    // ---------------------------------------------------------------------------------------------------- submitting

    /**
     * Serializes a task here and now, and submits it.
     *
     * @return its future; already failed when the task cannot be serialized
     */
    public <T> TaskFuture<T> submit(Callable<T> task, TaskOptions options) {
        open(); // what that begins goes on while the task is serialized
        Task encoded;
        Captures captures = new Captures();
        boolean done = false;
        try {
            encoded = captures.during(() -> encoder.encode(task, options));
            done = true;
        } catch (RuntimeException e) {
            TaskFuture<T> failed = new TaskFuture<>(this, Task.getDefaultInstance(), 0);
            failed.refuse(e);
            return failed;
        } finally {
            if (!done) { // also for an Error
                SharedBytes.in(captures).forEach(SharedBytes::release);
            }
        }
        List<SharedBytes> shared = SharedBytes.in(captures);
        shared.forEach(captured -> captured.tell(this));
        KeptFile file = payloads.fileOf(encoded);
        Task described = file == null ? encoded : payloads.forOthers(encoded);
        TaskFuture<T> future =
                new TaskFuture<>(this, described, TaskEncoder.creditBytes(described.getPayload()), file, shared);
        events.postFromUser(future);
        return future;
    }

    /**
     * Serializes a value as the session's tasks are.
     *
     * @throws io.farpool.NotSerializableTaskException when that cannot be done
     */
    public byte[] encode(@Nullable Object value) {
        return codec.codec().encode(value);
    }

    /**
     * Finds out whether a value can be serialized as the session's tasks are.
     *
     * @throws io.farpool.NotSerializableTaskException when that cannot be done
     */
    public void check(@Nullable Object value) {
        codec.codec().check(value);
    }

    /**
     * Serializes a value here and now, into a file, for tasks to read. Neither connects nor sends anything: that begins with the first task
     * that captures it.
     *
     * @throws NotSerializableTaskException when it cannot be serialized, or is of a class that only tasks can bring along
     * @throws java.io.UncheckedIOException when there is no room for it on this machine
     * @throws java.util.concurrent.RejectedExecutionException when the session has ended, or this JVM is about to exit
     */
    public <T> Shared<T> share(T value) {
        boolean ignored = exitHook.add(); // the session may never be opened, nor closed
        Set<Class<?>> ofSnippets = new LinkedHashSet<>();
        SharedBytes bytes = sharedFiles.write(codec.codec(), value, type -> {
            if (MemoryClasses.isInMemory(type)) {
                ofSnippets.add(type);
            }
        });
        if (!ofSnippets.isEmpty()) {
            bytes.release();
            throw new NotSerializableTaskException(
                    "the value to be shared needs "
                            + ofSnippets.iterator().next()
                            + ", which only this JVM's memory holds (as JShell's snippets), so no worker process has it: put the"
                            + " class on the class path, or have the tasks capture the value itself",
                    null);
        }
        log.debug("session={} shares={}", id, bytes.digest());
        return new SharedOriginal<>(value, bytes);
    }

    @Override
    public void sharedFree(SharedBytes bytes) {
        events.postFromUser(new SessionEvent.SharedFree(bytes));
    }

    /**
     * A pending task, to be run by whoever likes. It runs in the caller's JVM, from the bytes it was submitted as. It must not be
     * needed by anybody else: if it is large, its file goes with the runnable.
     */
    public Runnable asRunnable(TaskFuture<?> future) {
        Payload payload = future.payload();
        KeptFile file = payload != null && payload.hasReference() ? future.takeArgumentFile() : null;
        return file == null ? encoder.decode(payload) : payloads.takenBack(file, encoder::decode);
    }

    @Override
    public void withdraw(TaskFuture<?> future, boolean evenIfRunning) {
        events.postFromUser(new SessionEvent.Withdrawn(future, evenIfRunning));
    }

    /** The pending futures in the order of their submission. */
    public List<TaskFuture<?>> pending() {
        CompletableFuture<List<TaskFuture<?>>> answer = new CompletableFuture<>();
        events.post(new SessionEvent.WhatIsPending(answer));
        return answer.join(); // the queue is always being drained while there is something in it
    }

    // ------------------------------------------------------------------------------------------------------- opening

    /**
     * Connects, unless that has been done. Returns at once; what goes wrong breaks the session.
     *
     * @throws java.util.concurrent.RejectedExecutionException when this JVM is about to exit
     */
    public void open() {
        connection.open();
    }

    // ------------------------------------------------------------------------------------------------------- closing

    /** Lets the session end when what is pending is done. Returns at once; may be called again. */
    public void closeWhenDone() {
        events.post(new SessionEvent.CloseWhenDone());
    }

    /**
     * Ends the session now: pending futures fail, processes are ended.
     *
     * @param kill without the interrupt and the grace before
     * @param reason what pending futures fail with
     */
    public void endNow(boolean kill, RuntimeException reason) {
        events.post(new SessionEvent.EndNow(kill, reason));
    }

    /**
     * This JVM exits, and the executor has not been closed: ends the session and its processes, and waits a little for the
     * coordinator to have heard of it. Futures are told nothing meanwhile. If the exit is held up for longer, by a hook that waits
     * for one perhaps, they fail.
     */
    private void leave() {
        events.post(new SessionEvent.Leave());
        Thread later = new Thread(
                () -> {
                    try {
                        TimeUnit.MILLISECONDS.sleep(LEAVE_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    endNow(true, new BrokenExecutorException("the JVM exits"));
                },
                "farpool-exit");
        later.setDaemon(true);
        later.start();
        try {
            left.get(LEAVE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.debug("session={} not known to have ended at exit", id);
        } catch (ExecutionException e) {
            throw new AssertionError("only ever completed normally", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sharedFiles.removeNow();
        }
        payloads.close();
    }

    /** Whether the session has ended and every future of it is done. */
    public boolean isEnded() {
        return ended.isDone() && deliveries.areDone();
    }

    /**
     * Waits until {@link #isEnded}. What callbacks of futures do is not waited for, so it may be called from one.
     *
     * @return false when the time was up before
     */
    public boolean awaitEnded(long timeoutNanos) throws InterruptedException {
        long leastNanos = Math.max(0, timeoutNanos); // subtracting from the most negative one would wrap around
        long deadlineNanos = System.nanoTime() + leastNanos;
        try {
            ended.get(leastNanos, TimeUnit.NANOSECONDS);
            return deliveries.awaitDone(deadlineNanos);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError("only ever completed normally", e);
        }
    }

    /** What the coordinator says of the cluster and this session; null before the session is open or when it does not answer. */
    public @Nullable DescribeResponse describe() throws InterruptedException {
        return ended.isDone() ? null : connection.describe();
    }

    // ------------------------------------------------------------------------------------------------------- effects

    private final class CoreDriver implements SerialQueue.Core<SessionEvent> {
        @Override
        public void apply(SessionEvent event) {
            event.applyTo(core);
        }

        @Override
        public void flush() {
            core.flush();
        }

        @Override
        public void fault(Throwable bug) {
            log.error("session={} a bug in Farpool; please report it", id, bug);
            brokenBecause = new BrokenExecutorException("a bug in Farpool broke the session", bug);
            events.postLater(new SessionEvent.Broke(brokenBecause));
        }
    }

    private final class Effects implements SessionCore.Effects {
        @Override
        public void complete(List<SessionCore.Finished> finished) {
            deliveries.start(finished);
        }

        @Override
        public void log(List<LogLine> lines) {
            logs.deliver(lines);
        }

        @Override
        public void reopen(SessionCore.Break lost) {
            connection.reopen(lost);
        }

        @Override
        public void provideCode() {
            connection.provideCode();
        }

        @Override
        public void acknowledgeLater() {
            CompletableFuture.delayedExecutor(Acknowledgements.WAIT_MILLIS, TimeUnit.MILLISECONDS, threads)
                    .execute(() -> post(new SessionEvent.AcknowledgeNow()));
        }

        @Override
        public void upload(SharedValues.Upload upload) {
            Connection to = connection.current();
            if (to != null) {
                uploads.start(to, upload);
            }
        }

        @Override
        public void broken(RuntimeException reason) {
            brokenBecause = reason;
            if (reason instanceof BrokenProcessPoolException) {
                log.error(
                        "session={} is broken",
                        id,
                        reason); // as what an initializer throws happened where nobody looks
            } else {
                log.debug("session={} is broken", id, reason); // whoever waits for a future, or submits a task, is told
            }
        }

        @Override
        public void receive(TaskFuture<?> future, SessionCore.Offer offer) {
            payloads.receive(future, offer);
        }

        @Override
        public void stopReceiving(TaskFuture<?> future) {
            payloads.stopReceiving(future);
        }

        @Override
        public void stopReceiving() {
            payloads.stopReceiving();
        }

        @Override
        public void send(long transfer, @Nullable TaskFuture<?> future) {
            payloads.send(transfer, future);
        }

        @Override
        public void sendInitializer(long transfer) {
            payloads.sendInitializer(transfer);
        }

        @Override
        public void ended() {
            left.complete(null);
            threads.execute(Session.this::cleanUp);
        }
    }

    private void cleanUp() {
        try {
            uploads.giveUp();
            sharedFiles.close();
            connection.close();
            logs.awaitDrained(LOGS_DRAIN_MILLIS, LOGS_STUCK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exitHook.end();
            payloads.end();
            ended.complete(null);
            deliveries.close();
            log.debug("session={} ended shared_sent={} shared_bytes={}", id, uploads.sent(), uploads.sentBytes());
        }
    }
}

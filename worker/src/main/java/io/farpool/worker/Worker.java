package io.farpool.worker;

import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Order;
import io.farpool.wire.SerialQueue;
import io.farpool.worker.hosting.HostCore;
import io.farpool.worker.hosting.HostDecision;
import io.farpool.worker.hosting.PayloadProblem;
import io.farpool.worker.hosting.ProcessExit;
import io.farpool.worker.hosting.ProcessKind;
import io.farpool.worker.link.AttachStream;
import io.farpool.worker.link.CoordinatorLink;
import io.farpool.worker.link.RefusedException;
import io.farpool.worker.payload.HostPayloads;
import io.farpool.worker.process.ClassDataArchives;
import io.farpool.worker.process.ClassPathSource;
import io.farpool.worker.process.MachineMemory;
import io.farpool.worker.process.Said;
import io.farpool.worker.process.WorkerProcesses;
import io.farpool.worker.socket.SocketLoop;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One host, whatever joins it to its coordinator: drives the host core with what the coordinator orders, what the processes
 * say and what the clock shows, and carries out what the core decides.
 *
 * <pre>
 *   link ─ orders ──▶ ┌──────────┐ ─ reports ──▶ link
 *   processes ──────▶ │ HostCore │ ─ launch, send, kill ──▶ processes
 *   timer ──────────▶ │          │ ─ resolve, fetch ──▶ class path source, shared source
 *   payloads ───────▶ └──────────┘ ─ fetch, send, remove ──▶ payloads
 * </pre>
 *
 * <p>The core has no thread of its own: a {@link SerialQueue} applies the events on the threads that bring them. Thread-safe.
 */
public final class Worker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    private static final int LOOK_SECONDS = 5;

    private final WorkerSettings settings;
    private final HostCore core;
    private final SerialQueue<Runnable> queue;
    private final ScheduledThreadPoolExecutor timer;
    private final Alarm alarm;
    private final WorkerProcesses processes;
    private final HostPayloads payloads;
    private final AttachStream stream;
    private final HostActions actions;
    private final ProcessLines lines;
    private final CompletableFuture<Void> attached = new CompletableFuture<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final CompletableFuture<Void> terminated = new CompletableFuture<>();
    private volatile boolean closed;

    private Worker(WorkerSettings settings, CoordinatorLink link, CodeSources code) {
        this.settings = settings;
        this.core = new HostCore(settings.name(), settings.limits(), link.channel() == null);
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "farpool-host");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        this.queue = new SerialQueue<>(new Turns(), this::onTimer);
        this.alarm = new Alarm(timer, () -> queue.post(this::timePassed));
        long memoryBytes = MachineMemory.totalBytes();
        long heapBytes = (long) (memoryBytes * settings.memoryShare() / settings.slots());
        this.processes = openProcesses(settings, heapBytes, code.archives(), link.sockets());
        Introduction introduction = new Introduction(settings, memoryBytes);
        this.payloads = new HostPayloads(
                link.channel(), introduction::receiver, processes.payloadDirectory(), new PayloadEvents());
        this.stream = new AttachStream(
                link, introduction::hello, new StreamEvents(), timer, new Random(), settings.connectTimeout());
        this.actions =
                new HostActions(core, queue::post, code, processes, payloads, stream, () -> drained.complete(null));
        this.lines = new ProcessLines(core, processes, stream);
    }

    /**
     * Starts a host and attaches it, without waiting for the welcome.
     *
     * @throws UncheckedIOException when there is no place for the daemon's directory
     */
    public static Worker start(WorkerSettings settings, CoordinatorLink link, ClassPathSource classPaths) {
        return start(settings, link, CodeSources.of(classPaths));
    }

    /**
     * As above.
     *
     * @param code where worker processes get it; its archives are closed with the worker
     */
    public static Worker start(WorkerSettings settings, CoordinatorLink link, CodeSources code) {
        return start(settings, link, code, null);
    }

    /**
     * As above.
     *
     * @param soonWanted by a session that is about to be opened: the host starts one such process before anything else
     */
    public static Worker start(
            WorkerSettings settings, CoordinatorLink link, CodeSources code, @Nullable ProcessKind soonWanted) {
        Worker worker = new Worker(settings, link, code);
        log.info(
                "event=worker-started host={} slots={} coordinator={}",
                settings.name(),
                settings.slots(),
                link.target());
        worker.alarm.startTicking();
        var unused = worker.timer.scheduleWithFixedDelay(worker::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        if (soonWanted != null) {
            worker.queue.post(() -> worker.core.startSpare(soonWanted));
        }
        worker.queue.post(worker::attach);
        return worker;
    }

    /** The host's name. */
    public String name() {
        return settings.name();
    }

    /** Completes with the first welcome, or with the {@link RefusedException} that there will be none. */
    public CompletionStage<Void> attached() {
        return attached.minimalCompletionStage();
    }

    /** Whether there is a stream to a coordinator that has welcomed this host. Any thread may ask. */
    public boolean isAttached() {
        return stream.isWelcomed();
    }

    /** Completes when the host has ended: closed, or with the {@link RefusedException} that has ended it. */
    public CompletionStage<Void> terminated() {
        return terminated.minimalCompletionStage();
    }

    /**
     * Takes nothing new, hands back what has not started, finishes what runs within the time-out, waits a little for the
     * acknowledgements, and closes.
     */
    public void drain(Duration timeout) {
        log.info("event=draining host={} timeout_ms={}", settings.name(), timeout.toMillis());
        queue.post(core::drain);
        if (!await(drained, timeout)) {
            queue.post(() -> {
                core.markersToSee().forEach(this::seeMarker);
                core.endRunning();
            });
            if (!await(drained, settings.acknowledgementWait())) {
                log.warn(
                        "event=drain-incomplete host={} reason=\"outcomes were not acknowledged in time\"",
                        settings.name());
            }
        }
        close();
    }

    /** Ends the host at once: its processes are killed, its stream ends, and nothing of it is left. Idempotent. */
    @Override
    public void close() {
        closeWith(null);
    }

    private void closeWith(@Nullable RefusedException refused) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        CompletableFuture<Void> streamClosed = new CompletableFuture<>();
        queue.post(() -> {
            stream.close();
            streamClosed.complete(null);
        });
        await(streamClosed, settings.killGrace());
        payloads.close();
        processes.close();
        timer.shutdownNow();
        log.info("event=worker-closed host={}", settings.name());
        if (refused == null) {
            attached.completeExceptionally(new RefusedException("the host was closed before it was attached"));
            terminated.complete(null);
        } else {
            attached.completeExceptionally(refused);
            terminated.completeExceptionally(refused);
        }
    }

    private WorkerProcesses openProcesses(
            WorkerSettings of, long heapBytes, ClassDataArchives archives, @Nullable SocketLoop loop) {
        try {
            return WorkerProcesses.open(of.name(), heapBytes, archives, loop, new ProcessEvents());
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot make a directory for worker processes", failure);
        }
    }

    private static boolean await(CompletableFuture<Void> future, Duration timeout) {
        try {
            future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void look() {
        try {
            processes.look();
        } catch (RuntimeException | Error bug) {
            // Thrown on, it would be the last time that anybody looks.
            log.error("event=bug host={}", settings.name(), bug);
        }
    }

    private void onTimer(Runnable task) {
        try {
            timer.execute(task);
        } catch (RejectedExecutionException closing) {
            log.debug("event=host-already-closed");
        }
    }

    // --------------------------------------------------------------------------- events, each on the queue's turn

    private void attach() {
        stream.open(core.epoch());
    }

    private void order(long number, Order order) {
        if (!stream.isCurrent(number)) {
            return;
        }
        if (order.getStateWanted()) {
            stream.tell(core.attaching());
        }
        if (order.getSessionsClosedCount() > 0) {
            // What runs in their processes is to be interrupted.
            core.markersToSee().forEach(this::seeMarker);
        }
        core.order(order);
        if (order.hasWelcome()) {
            stream.welcomed(order.getWelcome().getEpoch());
            attached.complete(null);
        }
        if (order.hasWelcome() || order.getLogsTakenCount() + order.getSessionsOpenedCount() > 0) {
            lines.tryAgain();
        }
    }

    private void streamEnded(long number, Status status) {
        if (!stream.isCurrent(number)) {
            return;
        }
        core.detached();
        try {
            stream.ended(status);
        } catch (RefusedException refused) {
            // Whoever started this one is told by the exception.
            log.debug("event=refused host={} reason=\"{}\"", settings.name(), refused.getMessage());
            // Closing waits for processes and for the loop that has their sockets, and this thread may be its own.
            Thread closing = new Thread(() -> closeWith(refused), "farpool-close");
            closing.start();
        }
    }

    private void exited(long process, long marker, ProcessExit exit, List<LogLine> lastLines) {
        lines.last(process, lastLines);
        core.exited(process, marker, exit);
    }

    private void timePassed() {
        alarm.rang();
        core.markersToSee().forEach(this::seeMarker);
        core.memoryToSee().forEach(this::seeMemory);
        core.timePassed();
    }

    private void seeMemory(long process) {
        long bytes = processes.residentBytes(process);
        if (core.memorySeen(process, bytes)) {
            log.info(
                    "event=process-recycled process={} resident_bytes={} limit_bytes={}",
                    process,
                    bytes,
                    settings.maxProcessMemoryBytes());
        }
    }

    private void seeMarker(long process) {
        core.markerSeen(process, processes.marker(process));
    }

    // ------------------------------------------------------------------------------------- where events come from

    /** What the queue drives. */
    private final class Turns implements SerialQueue.Core<Runnable> {
        @Override
        public void apply(Runnable event) {
            core.timeIs(alarm.nowMillis());
            long gapMillis = alarm.takeGapMillis();
            if (gapMillis > 0) {
                log.warn("event=stopped host={} gap_ms={} leases=extended", settings.name(), gapMillis);
                core.wasStopped(gapMillis);
            }
            event.run();
        }

        @Override
        public void flush() {
            for (HostDecision decision : core.decide()) {
                try {
                    actions.carryOut(decision);
                } catch (RuntimeException | Error bug) {
                    // The others concern other processes and sessions.
                    fault(bug);
                }
            }
            if (!closed) {
                alarm.set(core.wakeAtMillis());
            }
        }

        @Override
        public void fault(Throwable bug) {
            log.error("event=bug host={}", settings.name(), bug);
        }
    }

    private final class ProcessEvents implements WorkerProcesses.Listener {
        @Override
        public void said(List<Said> frames) {
            queue.post(() -> frames.forEach(frame -> core.said(frame.process(), frame.message())));
        }

        @Override
        public void disconnected(long process) {
            queue.post(() -> core.disconnected(process));
        }

        @Override
        public void notLaunched(long process, String message) {
            queue.post(() -> core.notLaunched(process, message));
        }

        @Override
        public void exited(long process, long marker, ProcessExit exit) {
            List<LogLine> lastLines = processes.takeLines(process);
            queue.post(() -> Worker.this.exited(process, marker, exit, lastLines));
        }

        @Override
        public void linesAvailable(long process) {
            queue.post(() -> lines.available(process));
        }
    }

    private final class PayloadEvents implements HostPayloads.Listener {
        @Override
        public void fetched(long fetch, Path file) {
            queue.post(() -> core.payloadFetched(fetch, file.toString()));
        }

        @Override
        public void failed(long fetch, PayloadProblem problem, String message) {
            if (problem != PayloadProblem.GONE) {
                log.warn(
                        "event=payload-unavailable host={} problem={} reason=\"{}\"",
                        settings.name(),
                        problem,
                        message);
            }
            queue.post(() -> core.payloadFailed(fetch, problem, message));
        }

        @Override
        public void unreadable(long attempt, Path file, String message) {
            log.warn("event=outcome-unreadable host={} attempt={} reason=\"{}\"", settings.name(), attempt, message);
            queue.post(() -> core.outcomeUnreadable(attempt, file.toString(), message));
        }
    }

    private final class StreamEvents implements AttachStream.Events {
        @Override
        public void timeToAttach() {
            queue.post(Worker.this::attach);
        }

        @Override
        public void ordered(long number, Order order) {
            queue.post(() -> order(number, order));
        }

        @Override
        public void ended(long number, Status status) {
            queue.post(() -> streamEnded(number, status));
        }

        @Override
        public void ready() {
            queue.post(lines::tryAgain);
        }
    }
}

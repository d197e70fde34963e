package io.farpool.process;

import io.farpool.RemoteCallable;
import io.farpool.blob.BlobDigest;
import io.farpool.codec.Codec;
import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.shared.SharedCopies;
import io.farpool.wire.ProcessNotes;
import io.farpool.wire.Protocol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a worker process. A daemon starts it as {@code java … io.farpool.process.WorkerProcess SOCKET NOTES
 * TOKEN}; process.proto is the conversation that follows. It exits with 0 when told to stop and halts when its daemon is
 * gone, whatever a task is doing then.
 *
 * <pre>
 *   daemon ══socket══▶ Inbox ──▶ TaskRunner (farpool-task) ──▶ Outbox ══socket══▶ daemon
 *                        └─ read by farpool-task while idle, by the Attendant while a task runs ─┘
 * </pre>
 */
public final class WorkerProcess {
    /** Exit code of a process that could not even say hello. */
    private static final int CANNOT_START = 70;

    private static final int SENDER_IDLE_SECONDS = 10;

    private static volatile boolean inside;

    private final FutureTask<Codec> codec;
    private final DaemonConnection connection;
    private final ProcessNotes notes;
    private final Outbox outbox;
    private final TaskThread taskThread;
    private final SharedCopies shared;
    private final Inbox inbox;
    private final Attendant attendant;

    private WorkerProcess(FutureTask<Codec> codec, DaemonConnection connection, ProcessNotes notes) {
        this.codec = codec;
        this.connection = connection;
        this.notes = notes;
        this.outbox = new Outbox(connection, notes, DaemonGone::end, sender());
        this.taskThread = new TaskThread(this::prepareAndRunTasks);
        this.shared = new SharedCopies(this::want);
        this.inbox = new Inbox(connection, outbox, taskThread, shared);
        this.attendant = new Attendant(inbox, outbox, connection, DaemonGone::end);
    }

    /** Whether this JVM is a worker process: pools made here start nothing. */
    public static boolean isInside() {
        return inside;
    }

    /**
     * For the daemon.
     *
     * @param args socket path, file for its notes, token; or {@code rehearse} and an empty directory: then a daemon is played in this
     *     JVM too, which has a few tasks run and says stop. That loads the classes that later processes find in an archive.
     */
    public static void main(String[] args) {
        inside = true;
        if (args.length == 2 && args[0].equals(RehearsalDaemon.ARGUMENT)) {
            main(RehearsalDaemon.start(Path.of(args[1])));
            return;
        }
        if (args.length != 3) {
            System.err.println("WorkerProcess: got " + args.length
                    + " arguments, expected SOCKET NOTES TOKEN; it is started by a Farpool daemon, not by hand");
            System.exit(CANNOT_START);
        }
        // Both this thread and that one have hundreds of classes to load.
        FutureTask<Codec> codec = new FutureTask<>(WorkerProcess::codecInUse);
        Thread loading = new Thread(codec, "farpool-codec");
        loading.setDaemon(true);
        loading.start();
        try {
            WorkerProcess process = new WorkerProcess(
                    codec, DaemonConnection.open(Path.of(args[0])), ProcessNotes.open(Path.of(args[1])));
            process.connection.write(FromProcess.newBuilder()
                    .setHello(ProcessHello.newBuilder()
                            .setProtocolVersion(Protocol.VERSION)
                            .setToken(args[2])
                            .setPid(ProcessHandle.current().pid()))
                    .build());
            process.taskThread.start();
        } catch (IOException e) {
            System.err.println("WorkerProcess: cannot reach the daemon at " + args[0] + ": " + e.getMessage());
            System.exit(CANNOT_START);
        }
    }

    /** One that has loaded what the first task would else wait for. */
    private static Codec codecInUse() {
        Codec codec = new Codec();
        RemoteCallable<Integer> like = () -> 0;
        Object ignored = codec.decode(codec.encode(like));
        return codec;
    }

    /** One thread, which is there only while tasks have something to say, and has nothing of theirs. */
    private static Executor sender() {
        return new ThreadPoolExecutor(
                0, 1, SENDER_IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(null, task, "farpool-sender", 0, false);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    private void want(BlobDigest digest) {
        outbox.sendForTask(
                FromProcess.newBuilder().addBlobsWanted(digest.toWire()).build());
        attendant.answerExpected();
    }

    private void prepareAndRunTasks() {
        try {
            Prepare prepare = inbox.takePrepare();
            Codec loaded = loadedCodec();
            shared.decodedBy(loaded);
            shared.areHere();
            PayloadCodec payloads = new PayloadCodec(loaded, new ResultFiles(prepare), mostInlineBytes(prepare));
            attendant.start();
            Failure failure = prepare(prepare, payloads);
            if (failure != null) {
                outbox.send(FromProcess.newBuilder().setPrepareFailed(failure).build());
                System.exit(0);
            }
            outbox.send(FromProcess.newBuilder().setReady(true).build());
            runTasks(new TaskRunner(payloads, notes, taskThread, new TaskContexts(prepare, taskThread, outbox)));
            attendant.exitBegins();
            // A task may have put a buffered stream in their place.
            System.out.flush();
            System.err.flush();
            System.exit(0);
        } catch (Throwable goneOrBug) {
            // Threads that a task has left could keep this JVM alive, and without its task thread it would never
            // answer.
            DaemonGone.end(goneOrBug);
        }
    }

    private Codec loadedCodec() throws Throwable {
        try {
            return codec.get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    private static int mostInlineBytes(Prepare prepare) {
        long named = prepare.getMaxInlinePayloadBytes();
        return named <= 0 || named > Protocol.MAX_INLINE_PAYLOAD_BYTES
                ? Protocol.MAX_INLINE_PAYLOAD_BYTES
                : (int) named;
    }

    private @Nullable Failure prepare(Prepare prepare, PayloadCodec payloads) {
        try {
            if (prepare.getProtocolVersion() != Protocol.VERSION) {
                throw new IllegalStateException("the daemon speaks version " + prepare.getProtocolVersion()
                        + " of the protocol, this client's worker processes speak " + Protocol.VERSION);
            }
            if (prepare.hasInitializer()) {
                taskThread.enter(Long.MAX_VALUE);
                attendant.taskStarts();
                try {
                    // What it is made of may ask the daemon something, too.
                    ((Callable<?>) payloads.decode(prepare.getInitializer())).call();
                } finally {
                    taskThread.leave();
                }
            }
            return null;
        } catch (Throwable thrown) {
            return Failures.encodeInline(payloads.codec(), thrown);
        }
    }

    private void runTasks(TaskRunner runner) throws IOException {
        while (true) {
            RunInProcess next = inbox.poll();
            if (next == null) {
                attendant.nothingToRun();
                outbox.flush();
                next = inbox.take();
                if (next == null) {
                    return;
                }
            }
            attendant.taskStarts();
            ProcessOutcome outcome = runner.run(next);
            if (outbox.outcome(outcome, inbox.has(outbox.enough(outcome)))) {
                attendant.outcomeLeft();
            }
        }
    }
}

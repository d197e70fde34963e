package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.worker.hosting.ProcessExit;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A worker process: hears, runs one task at a time, answers, and dies. */
final class SimulatedProcess {
    final long id;
    final String sessionId;
    long marker;
    boolean dead;
    private final SimulatedHost host;
    private final World world;
    private final ArrayDeque<RunInProcess> waiting = new ArrayDeque<>();
    /** Its large outcomes, until the daemon has heard of them. */
    final Map<String, ByteString> files = new HashMap<>();

    private @Nullable RunInProcess running;
    private @Nullable PlannedTask task;
    private @Nullable PlannedTask last;
    private int runs;
    private boolean prepared;
    private boolean stopping;
    /** Its daemon has; it may not have heard that yet. */
    private boolean toldToStop;

    /** Its last words never left it. */
    private boolean muted;

    private long toMillis;
    private long fromMillis;

    SimulatedProcess(SimulatedHost host, long id, String sessionId) {
        this.host = host;
        this.world = host.world;
        this.id = id;
        this.sessionId = sessionId;
        host.atProcess(this, host.launchMillis(), () -> {
            if (host.startsFail()) {
                exit(1);
            } else {
                say(FromProcess.newBuilder()
                        .setHello(ProcessHello.newBuilder().setPid(1_000 + id))
                        .build());
            }
        });
    }

    boolean isBusy() {
        return running != null;
    }

    /** It could run something now: it does not start, or end. */
    boolean isIdle() {
        return prepared && running == null && !stopping && !dead;
    }

    void send(ToProcess message) {
        toldToStop |= message.getStop();
        toMillis = Math.max(toMillis, world.nowMillis + world.below(2));
        host.atProcess(this, toMillis - world.nowMillis, () -> hear(message));
    }

    private void say(FromProcess message) {
        fromMillis = Math.max(fromMillis, world.nowMillis + world.below(2));
        host.fromProcess(fromMillis, () -> {
            if (!muted) {
                host.said(this, message);
            }
        });
    }

    private void hear(ToProcess message) {
        if (message.hasPrepare()) {
            host.prepares(sessionId, message.getPrepare());
            host.atProcess(this, world.below(80), () -> {
                prepared = true;
                say(FromProcess.newBuilder().setReady(true).build());
            });
        }
        waiting.addAll(message.getRunsList());
        for (long ordinal : message.getWithdrawList()) {
            if (waiting.removeIf(run -> run.getOrdinal() == ordinal)) {
                say(FromProcess.newBuilder().addWithdrawn(ordinal).build());
            }
        }
        RunInProcess now = running;
        PlannedTask what = task;
        if (now != null && what != null && message.getInterrupt() == now.getOrdinal() && !what.ignoresInterrupts) {
            end(ProcessOutcome.newBuilder()
                    .setOrdinal(now.getOrdinal())
                    .setFailure(Failure.newBuilder().setClassName("InterruptedException")));
        }
        stopping |= message.getStop();
        next();
    }

    private void next() {
        if (dead || running != null) {
            return;
        }
        RunInProcess run = waiting.poll();
        if (run == null) {
            if (stopping) {
                exit(0);
            }
            return;
        }
        if (toldToStop && !host.has(run.getPayload())) {
            // Its session was closed while it was on its way here, and its file went with that.
            say(FromProcess.newBuilder()
                    .addOutcomes(ProcessOutcome.newBuilder()
                            .setOrdinal(run.getOrdinal())
                            .setFailure(Failure.newBuilder().setClassName("NoSuchFileException")))
                    .build());
            next();
            return;
        }
        running = run;
        marker = run.getOrdinal();
        PlannedTask started = host.taskOf(run);
        task = started;
        last = started;
        int thisRun = ++runs;
        started.running++;
        host.started(started, run);
        if (!started.endless) {
            host.atProcess(this, started.millis, () -> {
                if (runs == thisRun && running != null) {
                    finish(started, run);
                }
            });
        }
    }

    private void finish(PlannedTask ran, RunInProcess run) {
        ProcessOutcome.Builder outcome =
                ProcessOutcome.newBuilder().setOrdinal(run.getOrdinal()).setRunNanos(ran.millis * 1_000_000L);
        boolean trouble = ran.starts <= ran.troubles;
        switch (ran.kind) {
            case RESULT -> end(outcome.setResult(answer(ran)));
            case THROWS -> end(trouble ? outcome.setFailure(failure(ran)) : outcome.setResult(answer(ran)));
            case DIES -> {
                if (trouble) {
                    exit(3);
                } else {
                    end(outcome.setResult(answer(ran)));
                }
            }
        }
    }

    private Payload answer(PlannedTask ran) {
        return ran.largeOutcome ? file(ran) : ran.answer();
    }

    private Failure failure(PlannedTask ran) {
        Failure.Builder failure = Failure.newBuilder()
                .setClassName("Thrown")
                .setMessage("by plan")
                .setRetryable(ran.retryable);
        if (ran.largeOutcome) {
            failure.setException(file(ran));
        }
        return failure.build();
    }

    private Payload file(PlannedTask ran) {
        ByteString bytes = ran.makeLarge();
        String path = "/" + host.name + "/p" + id + "-" + marker;
        files.put(path, bytes);
        return LargeBytes.at(path, bytes);
    }

    private void end(ProcessOutcome.Builder outcome) {
        leaveTask();
        say(FromProcess.newBuilder().addOutcomes(outcome).build());
        next();
    }

    private void leaveTask() {
        PlannedTask left = task;
        if (left != null) {
            left.running--;
        }
        running = null;
        task = null;
        runs++;
    }

    /** By the kernel, or whoever else is not the daemon. */
    void crash() {
        // The last may just have ended: if its outcome never left, it looks as if it had been running.
        PlannedTask victim = last;
        if (victim != null) {
            victim.killed = true;
        }
        muted = world.chance(0.5);
        exit(137);
    }

    /** By its daemon, which also happens to what it is about to start. */
    void kill() {
        exit(137);
    }

    private void exit(int code) {
        if (dead) {
            return;
        }
        dead = true;
        leaveTask();
        waiting.clear();
        fromMillis = Math.max(fromMillis, world.nowMillis + 1 + world.below(5));
        host.fromProcess(fromMillis, () -> host.exited(this, new ProcessExit(code, List.of(), false)));
    }

    /** With its daemon: nobody is left to tell. */
    void vanish() {
        if (!dead) {
            dead = true;
            leaveTask();
        }
    }
}

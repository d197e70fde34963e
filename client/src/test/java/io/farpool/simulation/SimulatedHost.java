package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.worker.hosting.HostCore;
import io.farpool.worker.hosting.HostDecision;
import io.farpool.worker.hosting.HostLimits;
import io.farpool.worker.hosting.PayloadProblem;
import io.farpool.worker.hosting.ProcessExit;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A host: the real core of a daemon, and around it what the daemon does, on virtual time. */
final class SimulatedHost extends Machine {
    /** A core's time is close to the epoch's. */
    private static final long CLOCK_MILLIS = 1_700_000_000_000L;
    /** As the daemon takes it for a gap. */
    private static final long GAP_MILLIS = 1_250;

    final int slots;
    private final Simulation simulation;
    final HostLimits limits;
    final Map<Long, SimulatedProcess> processes = new LinkedHashMap<>();
    private final Set<String> classPaths = new LinkedHashSet<>();
    private final ArrayDeque<Runnable> frozen = new ArrayDeque<>();
    /** The large payloads on its disk. */
    final Map<String, ByteString> files = new LinkedHashMap<>();

    private SimulatedFetches fetches;
    private SimulatedDispatches dispatches;
    private HostCore core;
    private long incarnation;
    private final SimulatedAttachment attachment;
    private long alarmMillis = Long.MAX_VALUE;
    private int alarms;
    private long gapMillis;
    /** While it is stopped, its processes are too. */
    private boolean processesStop;

    private boolean draining;

    SimulatedHost(Simulation simulation, String name, int slots, HostLimits limits) {
        super(simulation.world, name);
        this.simulation = simulation;
        this.slots = slots;
        this.limits = limits;
        this.fetches = new SimulatedFetches(simulation, this);
        this.dispatches = new SimulatedDispatches(simulation, this);
        this.attachment = new SimulatedAttachment(simulation, this);
        this.core = begin();
    }

    private HostCore begin() {
        incarnation++;
        attachment.begin();
        draining = false;
        alarmMillis = Long.MAX_VALUE;
        gapMillis = 0;
        classPaths.clear();
        files.clear();
        fetches = new SimulatedFetches(simulation, this);
        dispatches = new SimulatedDispatches(simulation, this);
        return new HostCore(name, limits);
    }

    SimulatedAttachment attachment() {
        return attachment;
    }

    HostCore core() {
        return core;
    }

    long incarnation() {
        return incarnation;
    }

    boolean isDraining() {
        return draining;
    }

    /** Slots in which nothing runs, and nothing is about to. */
    int idle() {
        int used = 0;
        for (SimulatedProcess process : processes.values()) {
            used += process.isIdle() ? 0 : 1;
        }
        return slots - used;
    }

    int busy() {
        int busy = 0;
        for (SimulatedProcess process : processes.values()) {
            busy += process.isBusy() ? 1 : 0;
        }
        return busy;
    }

    /** Tasks that wait for their payloads have slots, as far as the coordinator knows. */
    int fetching() {
        return fetches.size();
    }

    int fetchingOf(String sessionId) {
        return fetches.sizeOf(sessionId);
    }

    int processesOf(String sessionId) {
        int count = 0;
        for (SimulatedProcess process : processes.values()) {
            count += process.sessionId.equals(sessionId) && !process.dead ? 1 : 0;
        }
        return count;
    }

    // ------------------------------------------------------------------------------------------------ its core

    /** Something happens to its core, and what that decides is done. */
    void turn(Runnable event) {
        core.timeIs(CLOCK_MILLIS + world.nowMillis);
        if (gapMillis > 0) {
            long gap = gapMillis;
            gapMillis = 0;
            core.wasStopped(gap);
        }
        event.run();
        int life = lives;
        for (HostDecision decision : core.decide()) {
            if (life == lives) {
                carryOut(decision);
            }
        }
        if (life == lives) {
            setAlarm(core.wakeAtMillis());
        }
    }

    private void setAlarm(long atMillis) {
        if (atMillis >= alarmMillis) {
            return;
        }
        alarmMillis = atMillis;
        int alarm = ++alarms;
        later(Math.max(1, atMillis - CLOCK_MILLIS - world.nowMillis), () -> {
            if (alarm == alarms) {
                timePassed();
            }
        });
    }

    private void timePassed() {
        alarmMillis = Long.MAX_VALUE;
        turn(() -> {
            seeMarkers();
            core.timePassed();
        });
    }

    private void seeMarkers() {
        for (long id : core.markersToSee()) {
            SimulatedProcess process = processes.get(id);
            core.markerSeen(id, process == null ? 0 : process.marker);
        }
    }

    private void carryOut(HostDecision decision) {
        if (decision instanceof HostDecision.Tell tell) {
            attachment.send(tell.report());
        } else if (decision instanceof HostDecision.Send send) {
            SimulatedProcess process = processes.get(send.process());
            if (process != null && !process.dead) {
                process.send(send.message());
            }
        } else if (decision instanceof HostDecision.Launch launch) {
            processes.put(launch.process(), new SimulatedProcess(this, launch.process(), launch.sessionId()));
            simulation.rules.launched(this, launch.sessionId());
        } else if (decision instanceof HostDecision.Kill kill) {
            SimulatedProcess process = processes.get(kill.process());
            if (process != null) {
                process.kill();
            }
        } else if (decision instanceof HostDecision.ResolveClassPath resolve) {
            classPaths.add(resolve.sessionId());
            later(world.below(30), () -> turn(() -> core.classPathResolved(resolve.sessionId(), List.of("/code.jar"))));
        } else if (decision instanceof HostDecision.ReleaseClassPath release) {
            classPaths.remove(release.sessionId());
        } else if (decision instanceof HostDecision.FetchPayload fetch) {
            fetches.fetch(fetch, incarnation);
        } else if (decision instanceof HostDecision.DropPayload drop) {
            fetches.drop(drop.fetch());
        } else if (decision instanceof HostDecision.RemoveFile remove) {
            if (files.remove(remove.path()) == null) {
                simulation.rules.broken(name + " removes a file that is not there: " + remove.path());
            }
        } else if (decision instanceof HostDecision.SendPayload send) {
            send(send.transfer(), send.file());
        } else if (decision instanceof HostDecision.Drained) {
            int life = lives;
            world.after(0, () -> {
                if (life == lives) {
                    leave();
                }
            });
        }
    }

    // ------------------------------------------------------------------------------------------------ large payloads

    private void send(long transfer, @Nullable PayloadReference file) {
        if (file != null && !files.containsKey(file.getPath())) {
            simulation.rules.broken(name + " is to send a file that is not there: " + file.getPath());
        }
        dispatches.send(transfer, () -> file == null ? null : files.get(file.getPath()));
    }

    void fetched(long fetch, String path) {
        turn(() -> core.payloadFetched(fetch, path));
    }

    void notFetched(long fetch, PayloadProblem problem) {
        turn(() -> core.payloadFailed(fetch, problem, "by plan"));
    }

    boolean has(Payload payload) {
        return !payload.hasReference()
                || files.containsKey(payload.getReference().getPath());
    }

    /** What a process reads, if it is in a file. */
    private ByteString bytes(Payload payload) {
        if (!payload.hasReference()) {
            return payload.getInline();
        }
        ByteString bytes = files.get(payload.getReference().getPath());
        if (bytes == null) {
            throw new AssertionError("a process of " + name + " reads what is not there: " + payload.getReference());
        }
        return bytes;
    }

    void prepares(String sessionId, Prepare prepare) {
        SimulatedClient client = simulation.clientOf(sessionId);
        if (prepare.hasInitializer() && !bytes(prepare.getInitializer()).equals(client.initializer)) {
            simulation.rules.broken("a process of " + client.name + " has another's initializer");
        }
    }

    private void claim(SimulatedProcess process, ProcessOutcome outcome) {
        Payload payload =
                outcome.hasResult() ? outcome.getResult() : outcome.getFailure().getException();
        String path = payload.getReference().getPath();
        ByteString bytes = process.files.remove(path);
        if (bytes != null) {
            files.put(path, bytes);
        }
    }

    // ------------------------------------------------------------------------------------------------ its processes

    /** Something happens in a process, unless it is dead by then. */
    void atProcess(SimulatedProcess process, long millis, Runnable event) {
        world.after(millis, () -> atProcess(process, event));
    }

    private void atProcess(SimulatedProcess process, Runnable event) {
        if (process.dead) {
            return;
        }
        if (isStopped() && processesStop) {
            frozen.add(() -> atProcess(process, event));
        } else {
            event.run();
        }
    }

    /** Something of a process arrives at the daemon. */
    void fromProcess(long atMillis, Runnable event) {
        later(atMillis - world.nowMillis, event);
    }

    void said(SimulatedProcess process, FromProcess message) {
        world.note(name, "process " + process.id + " says", message);
        message.getOutcomesList().forEach(outcome -> claim(process, outcome));
        turn(() -> core.said(process.id, message));
    }

    void exited(SimulatedProcess process, ProcessExit exit) {
        world.note(name, "process " + process.id + " has exited", null);
        processes.remove(process.id);
        turn(() -> core.exited(process.id, process.marker, exit));
    }

    long launchMillis() {
        return 10L + world.below(200) + (simulation.slowStarts ? 300 + world.below(1_000) : 0);
    }

    boolean startsFail() {
        return !world.calm && simulation.startsFail && world.chance(0.1);
    }

    PlannedTask taskOf(RunInProcess run) {
        return simulation.task(bytes(run.getPayload()));
    }

    void started(PlannedTask task, RunInProcess run) {
        world.note(name, "starts " + task.client.name + "/" + task.index, null);
        simulation.rules.started(this, task, run);
    }

    // ------------------------------------------------------------------------------------------------ its troubles

    void stop(long millis, boolean withProcesses) {
        if (alive && !isStopped()) {
            processesStop = withProcesses;
            stop(millis);
        }
    }

    @Override
    void goesOn(long stoppedMillis) {
        if (stoppedMillis > GAP_MILLIS) {
            gapMillis = stoppedMillis;
            later(world.below(250), this::timePassed);
        }
        for (int left = frozen.size(); left > 0; left--) {
            frozen.remove().run();
        }
    }

    void killProcesses(boolean all) {
        // One that dies before it has run anything speaks against its host, which is then left out for a while.
        List<SimulatedProcess> living = processes.values().stream()
                .filter(process -> !process.dead && (process.marker > 0 || simulation.startsFail))
                .toList();
        if (!living.isEmpty()) {
            world.note(name, all ? "loses all processes" : "loses a process", null);
            if (all) {
                living.forEach(SimulatedProcess::crash);
            } else {
                living.get(world.below(living.size())).crash();
            }
        }
    }

    void crash(boolean noticed) {
        if (alive) {
            world.note(name, "crashes", null);
            simulation.network.callerDied(this, noticed);
            gone(100 + world.below(4_000));
        }
    }

    private void gone(long forMillis) {
        processes.values().forEach(SimulatedProcess::vanish);
        processes.clear();
        frozen.clear();
        die();
        world.after(forMillis, () -> {
            alive = true;
            core = begin();
            world.note(name, "starts as incarnation " + incarnation, null);
            attachment.open();
        });
    }

    void drain() {
        if (isTroubled() || draining) {
            return;
        }
        world.note(name, "drains", null);
        draining = true;
        turn(core::drain);
        later(500 + world.below(2_000), () -> {
            turn(() -> {
                seeMarkers();
                core.endRunning();
            });
            later(1_000, this::leave);
        });
    }

    /** The end of a drain. */
    private void leave() {
        world.note(name, "leaves", null);
        attachment.complete();
        gone(100 + world.below(2_000));
    }

    // ------------------------------------------------------------------------------------------------ the end

    boolean isQuiet() {
        return !isTroubled()
                && attachment.isWelcomed()
                && core.epoch() == simulation.coordinator.epoch
                && processes.isEmpty()
                && classPaths.isEmpty();
    }

    void checkTheEnd() {
        core.timeIs(CLOCK_MILLIS + world.nowMillis);
        core.detached();
        List<Report> left = core.attaching();
        if (left.size() != 1
                || !left.get(0)
                        .equals(Report.newBuilder().setStateComplete(true).build())) {
            simulation.rules.broken("something is left on " + name + ": " + left);
        }
        if (!files.isEmpty() || !fetches.isEmpty()) {
            simulation.rules.broken("files are left on " + name + ": " + files.keySet() + ", " + fetches);
        }
    }

    @Override
    public String toString() {
        return name + " slots " + slots + " incarnation " + incarnation + (alive ? "" : " dead")
                + (isStopped() ? " stopped" : "") + (attachment.isWelcomed() ? " welcomed" : "")
                + (draining ? " draining" : "")
                + " files " + files.keySet() + ", " + fetches + " busy " + busy() + " of " + processes.size()
                + " class paths " + classPaths;
    }
}

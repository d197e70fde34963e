package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.ToProcess;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** One seed's run of a host core among made-up coordinators and processes. */
final class HostSimulation {
    private static final int SLOTS = 3;
    private static final HostLimits LIMITS =
            new HostLimits(SLOTS, 61, 2_000, 60_000, 60_000, 64L << 20, 4L << 30, 1 << 20, 600_000);

    final SimulatedCoordinator coordinator;
    final SimulatedFiles files;
    int crashes;
    int withdrawals;
    int epochs;

    private final Random random;
    private final HostCore core = new HostCore("here", LIMITS);
    private final Set<Long> begun = new LinkedHashSet<>();
    private final Map<Long, SimulatedProcess> processes = new TreeMap<>();
    private final ArrayDeque<String> resolving = new ArrayDeque<>();
    private final Set<String> resolved = new LinkedHashSet<>();
    private final boolean crashing;
    private final int taskMillis;
    private long nowMillis = 1_000;
    private boolean attached;
    private long detachedMillis;
    /** The clock has told the core that its lease is over. */
    private boolean fenced;

    HostSimulation(long seed) {
        random = new Random(seed);
        coordinator = new SimulatedCoordinator(random, SLOTS, begun);
        crashing = random.nextInt(4) != 0;
        taskMillis = new int[] {0, 1, 20, 200}[random.nextInt(4)];
        files = new SimulatedFiles(random, core);
    }

    void run() {
        attach(true);
        for (int step = 0; step < 800; step++) {
            if (random.nextInt(attached ? 60 : 20) == 0) {
                disconnectOrAttach();
            } else {
                step(true);
            }
        }
        finish();
        for (String session : SimulatedCoordinator.SESSIONS) {
            order(coordinator.closeForGood(session));
        }
        for (int step = 0; step < 100_000 && !processes.isEmpty(); step++) {
            step(false);
        }
        carryOut();
        assertThat(processes).as("processes left").isEmpty();
        assertThat(coordinator.live()).as("attempts left").isEmpty();
        assertThat(resolved).as("class paths left").isEmpty();
        files.checkNothingIsLeft();
        core.detached();
        assertThat(core.attaching())
                .as("what is left on the host")
                .containsExactly(Report.newBuilder().setStateComplete(true).build());
    }

    /** Claims what is held, gives room to everybody, and waits. */
    private void finish() {
        if (!attached) {
            attach(random.nextBoolean());
        }
        for (int step = 0; step < 200_000 && !coordinator.live().isEmpty(); step++) {
            if (step % 500 == 0) {
                order(coordinator.claimNext());
                order(coordinator.changeQuota(1 + random.nextInt(SLOTS)));
            }
            order(coordinator.acknowledge(true));
            step(false);
        }
        assertThat(coordinator.live()).as("attempts that never ended").isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ the connection

    private void disconnectOrAttach() {
        if (attached) {
            // What was told last may be lost with the stream.
            for (HostDecision decision : core.decide()) {
                if (!(decision instanceof HostDecision.Tell tell)) {
                    carryOut(decision);
                } else if (random.nextBoolean()) {
                    coordinator.hear(tell.report());
                }
            }
            core.timeIs(nowMillis);
            core.detached();
            attached = false;
            detachedMillis = nowMillis;
            if (random.nextInt(4) == 0) {
                pass(random.nextInt(12_000));
            }
            if (random.nextInt(40) == 0) {
                pass(LIMITS.coordinatorLossMillis() + 1);
                coordinator.hostHasGivenUp();
                carryOut();
            }
        } else if (random.nextInt(4) == 0) {
            // Nobody answers.
            core.timeIs(nowMillis);
            core.attaching();
            pass(random.nextInt(5_000));
            core.detached();
        } else {
            attach(random.nextBoolean());
        }
    }

    private void attach(boolean another) {
        core.timeIs(nowMillis);
        List<Report> pages = core.attaching();
        Order.Builder welcome = coordinator.attached(pages, another);
        epochs += another ? 1 : 0;
        if (random.nextBoolean()) {
            for (int i = random.nextInt(10); i > 0; i--) {
                something();
                carryOut();
            }
        }
        attached = true;
        fenced = false;
        order(welcome);
    }

    private void order(Order.Builder order) {
        core.timeIs(nowMillis);
        core.order(order.build());
        carryOut();
    }

    // --------------------------------------------------------------------------------------------------------- steps

    private void step(boolean assigning) {
        int choice = random.nextInt(100);
        if (assigning && attached && choice < 20) {
            coordinate(choice);
        } else {
            something();
        }
        if (random.nextInt(3) != 0) {
            carryOut();
        }
    }

    private void coordinate(int choice) {
        if (choice < 7) {
            order(coordinator.assign());
        } else if (choice < 9) {
            order(coordinator.claimNext());
        } else if (choice < 13) {
            order(coordinator.disturb());
        } else if (choice < 15) {
            order(coordinator.changeQuota(random.nextInt(SLOTS + 1)));
        } else if (choice < 18) {
            order(coordinator.acknowledge(false));
        } else if (choice < 19) {
            order(coordinator.askForPayloads());
        } else if (random.nextInt(4) == 0) {
            order(coordinator.close(SimulatedCoordinator.SESSIONS.get(random.nextInt(3))));
        }
    }

    /** Whatever happens on a host, with a coordinator or without. */
    private void something() {
        int choice = random.nextInt(100);
        if (choice < 6 && !resolving.isEmpty()) {
            String session = resolving.remove();
            if (random.nextInt(10) == 0) {
                core.classPathFailed(session, "no such blob");
            } else {
                core.classPathResolved(session, List.of("/a.jar"));
            }
        } else if (choice < 10 && files.isFetching()) {
            files.answer();
        } else if (choice < 20) {
            pass(random.nextInt(random.nextInt(20) == 0 ? 3_000 : 10));
        } else if (choice < 21 && random.nextInt(5) == 0) {
            nowMillis += 20_000;
            detachedMillis += 20_000;
            core.timeIs(nowMillis);
            core.wasStopped(20_000);
            core.timePassed();
        } else if (!processes.isEmpty()) {
            List<SimulatedProcess> all = List.copyOf(processes.values());
            act(all.get(random.nextInt(all.size())));
        }
    }

    private void pass(long millis) {
        nowMillis += millis;
        core.timeIs(nowMillis);
        for (long id : core.markersToSee()) {
            core.markerSeen(id, processes.get(id).marker);
        }
        for (long id : core.memoryToSee()) {
            core.memorySeen(id, random.nextInt(3 << 20));
        }
        core.timePassed();
        fenced = !attached && nowMillis >= detachedMillis + SimulatedCoordinator.LEASE_MILLIS;
    }

    private void act(SimulatedProcess process) {
        if (process.dead) {
            bury(process);
        } else if (!process.said.isEmpty() && random.nextBoolean()) {
            deliver(process);
        } else if (crashing && process.canCrash() && random.nextInt(60) == 0) {
            crashes++;
            process.crash();
        } else {
            process.step(nowMillis, taskMillis);
        }
    }

    private void deliver(SimulatedProcess process) {
        core.timeIs(nowMillis);
        FromProcess message = process.said.remove();
        files.claim(message);
        core.said(process.id, message);
    }

    private void bury(SimulatedProcess process) {
        while (!process.said.isEmpty()) {
            deliver(process);
        }
        carryOut();
        processes.remove(process.id);
        withdrawals += process.withdrawals;
        core.timeIs(nowMillis);
        core.exited(process.id, process.marker, new ProcessExit(process.code, List.of(), false));
    }

    // ----------------------------------------------------------------------------------------------------- decisions

    private void carryOut() {
        new ArrayList<>(core.decide()).forEach(this::carryOut);
    }

    private void carryOut(HostDecision decision) {
        if (decision instanceof HostDecision.ResolveClassPath resolve) {
            resolved.add(resolve.sessionId());
            resolving.add(resolve.sessionId());
        } else if (decision instanceof HostDecision.ReleaseClassPath release) {
            assertThat(resolved.remove(release.sessionId()))
                    .as("the class path of %s is released once", release.sessionId())
                    .isTrue();
            assertThat(processes.values().stream().map(process -> process.sessionId))
                    .as("sessions of processes")
                    .doesNotContain(release.sessionId());
        } else if (decision instanceof HostDecision.Launch launch) {
            launch(launch);
        } else if (decision instanceof HostDecision.Send send) {
            send(send.process(), send.message());
        } else if (decision instanceof HostDecision.Kill kill) {
            Objects.requireNonNull(processes.get(kill.process())).kill();
        } else if (decision instanceof HostDecision.Tell tell) {
            assertThat(attached).as("nothing is told without a welcome").isTrue();
            coordinator.hear(tell.report());
        } else {
            files.carryOut(decision);
        }
    }

    private void launch(HostDecision.Launch launch) {
        String session = launch.sessionId();
        processes.put(launch.process(), new SimulatedProcess(launch.process(), session, random, begun));
        assertThat(processes).as("processes alive").hasSizeLessThanOrEqualTo(SLOTS);
        assertThat(processes.values().stream().filter(each -> each.sessionId.equals(session) && each.counts()))
                .as("processes of %s", session)
                .hasSizeLessThanOrEqualTo(coordinator.quota(session));
    }

    private void send(long id, ToProcess message) {
        assertThat(fenced && message.getRunsCount() > 0)
                .as("a fenced host starts something")
                .isFalse();
        SimulatedProcess process = processes.get(id);
        if (process != null) {
            if (!process.dead) {
                files.check(message);
            }
            process.send(message);
        }
    }
}

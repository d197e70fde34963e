package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.CancelAttempt;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.Task;
import io.farpool.proto.v1.ToProcess;
import io.farpool.proto.v1.Welcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The host core against a made-up coordinator and made-up processes that are slow, crash, ignore interrupts and lose their
 * last words, in an order that a seed decides. After every event: no more processes than slots. In the end: every attempt
 * has come back exactly once, as an outcome or handed back, none was started twice, and only those that were started were
 * blamed.
 */
class HostSimulationTest {
    private static final int SEEDS = 400;
    private static final int SLOTS = 3;
    private static final int SESSIONS = 3;

    @Test
    void everyAttemptComesBackExactlyOnceWhateverHappens() {
        int crashes = 0;
        int steals = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Simulation simulation = new Simulation(seed);
            try {
                simulation.run();
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError("seed " + seed + ": " + broken.getMessage(), broken);
            }
            crashes += simulation.crashes;
            steals += simulation.withdrawals;
        }
        assertThat(crashes).as("the simulation really crashes processes").isGreaterThan(SEEDS);
        assertThat(steals).as("and really takes tasks back").isGreaterThan(SEEDS);
    }

    /** A process of the simulation: hears, runs and answers a step at a time. */
    private static final class SimulatedProcess {
        final long id;
        final ArrayDeque<ToProcess> inbox = new ArrayDeque<>();
        final ArrayDeque<RunInProcess> waiting = new ArrayDeque<>();
        /** Said, and not arrived at the daemon. */
        final ArrayDeque<FromProcess> said = new ArrayDeque<>();

        RunInProcess running;
        long endsAtMillis;
        long marker;
        boolean hello;
        boolean stopping;
        boolean dead;
        int code;

        SimulatedProcess(long id) {
            this.id = id;
        }
    }

    private static final class Simulation {
        final Random random;
        final HostCore core = new HostCore("here", HostLimits.defaults(SLOTS));
        final Map<Long, SimulatedProcess> processes = new TreeMap<>();
        final ArrayDeque<String> resolving = new ArrayDeque<>();
        final Map<Long, String> ends = new LinkedHashMap<>();
        final Set<Long> begun = new LinkedHashSet<>();
        final List<Long> assigned = new ArrayList<>();
        final Set<Long> cancelled = new LinkedHashSet<>();
        final boolean crashing;
        final int taskMillis;
        long nowMillis = 1_000;
        long nextAttempt = 1;
        int crashes;
        int withdrawals;

        Simulation(long seed) {
            random = new Random(seed);
            crashing = random.nextInt(4) != 0;
            taskMillis = new int[] {0, 1, 20, 200}[random.nextInt(4)];
        }

        void run() {
            core.timeIs(nowMillis);
            core.attaching();
            Order.Builder order = Order.newBuilder()
                    .setWelcome(Welcome.newBuilder()
                            .setEpoch(1)
                            .setLeaseMillis(10_000)
                            .setHeartbeatMillis(2_000));
            for (int session = 1; session <= SESSIONS; session++) {
                order.addSessionsOpened(SessionOpened.newBuilder()
                                .setSession(session)
                                .setSessionId("s" + session)
                                .setProcess(ProcessSpec.newBuilder()
                                        .setMaxTasksPerProcess(random.nextBoolean() ? 0 : 1 + random.nextInt(5))))
                        .addQuotas(Quota.newBuilder().setSession(session).setProcesses(1 + random.nextInt(SLOTS)));
            }
            order(order);
            for (int step = 0; step < 600; step++) {
                step(true);
            }
            for (int step = 0; step < 200_000 && ends.size() < assigned.size(); step++) {
                if (step % 1_000 == 0) {
                    quotas(1 + random.nextInt(SLOTS));
                }
                step(false);
            }
            Set<Long> missing = new LinkedHashSet<>(assigned);
            missing.removeAll(ends.keySet());
            assertThat(missing).as("attempts that never came back").isEmpty();
        }

        private void step(boolean assigning) {
            int choice = random.nextInt(100);
            if (assigning && choice < 8) {
                assign();
            } else if (assigning && choice < 12 && !assigned.isEmpty()) {
                disturb();
            } else if (choice < 14 && assigning) {
                quotas(random.nextInt(SLOTS + 1));
            } else if (choice < 20 && !resolving.isEmpty()) {
                core.classPathResolved(resolving.remove(), List.of("/a.jar"));
            } else if (choice < 35) {
                nowMillis += random.nextInt(random.nextInt(20) == 0 ? 3_000 : 10);
                core.timeIs(nowMillis);
                for (long id : core.markersToSee()) {
                    core.markerSeen(id, processes.get(id).marker);
                }
                core.timePassed();
            } else if (!processes.isEmpty()) {
                List<SimulatedProcess> all = List.copyOf(processes.values());
                act(all.get(random.nextInt(all.size())));
            }
            if (random.nextInt(3) != 0) {
                carryOut();
            }
        }

        private void assign() {
            Order.Builder order = Order.newBuilder();
            int session = 1 + random.nextInt(SESSIONS);
            for (int i = random.nextInt(20); i >= 0; i--) {
                long attempt = nextAttempt++;
                assigned.add(attempt);
                order.addRuns(Run.newBuilder()
                        .setSession(session)
                        .setAttempt(attempt)
                        .setStartNumber(1)
                        .setTask(Task.newBuilder()
                                .setSequence(attempt)
                                .setTimeoutMillis(random.nextInt(10) == 0 ? 100 : 0)));
            }
            order(order);
        }

        private void disturb() {
            long attempt = assigned.get(random.nextInt(assigned.size()));
            if (random.nextBoolean()) {
                order(Order.newBuilder().addRecalls(attempt));
            } else {
                cancelled.add(attempt);
                order(Order.newBuilder()
                        .addCancels(
                                CancelAttempt.newBuilder().setAttempt(attempt).setEvenIfRunning(random.nextBoolean())));
            }
        }

        private void quotas(int processes) {
            order(Order.newBuilder()
                    .addQuotas(Quota.newBuilder()
                            .setSession(1 + random.nextInt(SESSIONS))
                            .setProcesses(processes)));
        }

        private void order(Order.Builder order) {
            core.timeIs(nowMillis);
            core.order(order.build());
        }

        private void act(SimulatedProcess process) {
            if (process.dead) {
                bury(process);
            } else if (!process.said.isEmpty() && random.nextBoolean()) {
                deliver(process);
            } else if (crashing && process.hello && random.nextInt(60) == 0) {
                crashes++;
                process.dead = true;
                process.code = random.nextBoolean() ? 137 : 1;
                // What it said last may never have left it.
                while (!process.said.isEmpty() && random.nextBoolean()) {
                    process.said.removeLast();
                }
            } else if (!process.hello) {
                process.hello = true;
                process.said.add(FromProcess.newBuilder()
                        .setHello(ProcessHello.newBuilder().setPid(1_000 + process.id))
                        .build());
            } else {
                work(process);
            }
        }

        private void work(SimulatedProcess process) {
            ToProcess heard = process.inbox.poll();
            if (heard != null) {
                hear(process, heard);
            } else if (process.running != null) {
                if (nowMillis >= process.endsAtMillis) {
                    end(process);
                }
            } else if (!process.waiting.isEmpty()) {
                begin(process);
            } else if (process.stopping) {
                process.dead = true;
            }
        }

        private void hear(SimulatedProcess process, ToProcess heard) {
            if (heard.hasPrepare()) {
                process.said.add(FromProcess.newBuilder().setReady(true).build());
            }
            process.waiting.addAll(heard.getRunsList());
            for (long ordinal : heard.getWithdrawList()) {
                if (process.waiting.removeIf(run -> run.getOrdinal() == ordinal)) {
                    withdrawals++;
                    process.said.add(
                            FromProcess.newBuilder().addWithdrawn(ordinal).build());
                }
            }
            if (process.running != null
                    && heard.getInterrupt() == process.running.getOrdinal()
                    && random.nextBoolean()) {
                process.endsAtMillis = nowMillis;
            }
            process.stopping |= heard.getStop();
        }

        private void begin(SimulatedProcess process) {
            process.running = process.waiting.remove();
            process.marker = process.running.getOrdinal();
            long usual = taskMillis == 0 ? 0 : random.nextInt(taskMillis);
            process.endsAtMillis = nowMillis + (random.nextInt(40) == 0 ? 5_000 : usual);
            assertThat(begun.add(process.running.getSequence()))
                    .as("attempt %d is started once", process.running.getSequence())
                    .isTrue();
            assertThat(ends).as("what has come back is not started").doesNotContainKey(process.running.getSequence());
        }

        private void end(SimulatedProcess process) {
            process.said.add(FromProcess.newBuilder()
                    .addOutcomes(ProcessOutcome.newBuilder()
                            .setOrdinal(process.running.getOrdinal())
                            .setRunNanos(taskMillis * 500_000L)
                            .setResult(Payload.getDefaultInstance()))
                    .build());
            process.running = null;
        }

        private void deliver(SimulatedProcess process) {
            core.timeIs(nowMillis);
            core.said(process.id, process.said.remove());
        }

        private void bury(SimulatedProcess process) {
            while (!process.said.isEmpty()) {
                deliver(process);
            }
            carryOut();
            processes.remove(process.id);
            core.timeIs(nowMillis);
            core.exited(process.id, process.marker, new ProcessExit(process.code, List.of(), false));
        }

        private void carryOut() {
            for (HostDecision decision : core.decide()) {
                if (decision instanceof HostDecision.ResolveClassPath resolve) {
                    resolving.add(resolve.sessionId());
                } else if (decision instanceof HostDecision.Launch launch) {
                    processes.put(launch.process(), new SimulatedProcess(launch.process()));
                    assertThat(processes).as("processes alive").hasSizeLessThanOrEqualTo(SLOTS);
                } else if (decision instanceof HostDecision.Send send) {
                    SimulatedProcess process = processes.get(send.process());
                    if (process != null && !process.dead) {
                        process.inbox.add(send.message());
                    }
                } else if (decision instanceof HostDecision.Kill kill) {
                    SimulatedProcess process = Objects.requireNonNull(processes.get(kill.process()));
                    if (!process.dead) {
                        process.dead = true;
                        process.code = 137;
                    }
                } else if (decision instanceof HostDecision.Tell tell) {
                    hear(tell.report());
                }
            }
        }

        private void hear(Report report) {
            for (AttemptOutcome outcome : report.getOutcomesList()) {
                came(outcome.getAttempt(), kind(outcome.getAttempt(), outcome.getOutcome()));
                if (random.nextBoolean()) {
                    order(Order.newBuilder().addAcknowledged(outcome.getAttempt()));
                }
            }
            for (long attempt : report.getReturnedList()) {
                came(attempt, "returned");
                assertThat(begun).as("what is handed back has not started").doesNotContain(attempt);
            }
        }

        private String kind(long attempt, Outcome outcome) {
            if (outcome.hasLoss()) {
                // Whether one that was asked back had started is unknown when the answer has died with its process.
                if (outcome.getLoss().getCause() != Loss.Cause.HOST_LOST) {
                    assertThat(outcome.getLoss().getCause()).isEqualTo(Loss.Cause.PROCESS_DIED);
                    assertThat(begun).as("what is blamed had started").contains(attempt);
                }
            } else if (outcome.hasCancelled()) {
                assertThat(cancelled).contains(attempt);
            } else if (outcome.hasResult()) {
                assertThat(begun).contains(attempt);
            }
            return outcome.getKindCase().toString();
        }

        private void came(long attempt, String how) {
            assertThat(ends.put(attempt, how))
                    .as("attempt %d came back before", attempt)
                    .isNull();
        }
    }
}

package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Adoption;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.CancelAttempt;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.Startup;
import io.farpool.proto.v1.Task;
import io.farpool.proto.v1.Welcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * All coordinators of a simulation, one after the other, and the book that none of them would have: what was assigned under
 * which name, and how each attempt ended. A task's sequence number is its attempt's identity over all epochs; it is
 * assigned once.
 */
final class SimulatedCoordinator {
    static final List<String> SESSIONS = List.of("s1", "s2", "s3");
    static final long LEASE_MILLIS = 10_000;
    private static final String GIVEN_UP = "given up";
    private static final Payload LARGE = Payload.newBuilder()
            .setReference(PayloadReference.newBuilder().setSizeBytes(2 << 20))
            .build();

    private final Random random;
    private final int slots;
    private final Set<Long> begun;
    private final Map<Long, String> sessionOf = new TreeMap<>();
    /** Assigned, and neither ended for good, handed back, nor given up, by sequence: where the host should have it. */
    private final Map<Long, Held.Name> live = new TreeMap<>();
    /** The attempts of this epoch. */
    private final Map<Long, Long> sequenceOf = new LinkedHashMap<>();
    /** Sessions of this epoch. */
    private final Map<String, Integer> numberOf = new LinkedHashMap<>();
    /** Those of other epochs that have not been adopted or dropped yet. */
    private final Map<String, List<Long>> unclaimed = new LinkedHashMap<>();
    /** Told at least once and not acknowledged. */
    private final Map<Long, Outcome> told = new LinkedHashMap<>();

    private final Map<Long, String> ends = new TreeMap<>();
    private final Set<Long> cancelled = new LinkedHashSet<>();
    /** The newest each has been given; a session keeps it until there is another. */
    private final Map<String, Integer> quotas = new LinkedHashMap<>();

    long epoch;
    int adopted;
    int dropped;
    int heldOutcomes;
    private long lastSequence;
    private long lastAttempt;
    private int lastSession;

    SimulatedCoordinator(Random random, int slots, Set<Long> begun) {
        this.random = random;
        this.slots = slots;
        this.begun = begun;
    }

    int quota(String session) {
        return quotas.getOrDefault(session, 0);
    }

    Set<Long> live() {
        return live.keySet();
    }

    // ---------------------------------------------------------------------------------------------------- attaching

    /** Checks the host's state, and answers as another coordinator, or the same one. */
    Order.Builder attached(List<Report> pages, boolean another) {
        Map<Long, AttemptHeld> held = new LinkedHashMap<>();
        Set<String> sessions = new LinkedHashSet<>();
        for (Report page : pages) {
            page.getSessionsList().forEach(session -> {
                assertThat(sessions.add(session.getSessionId()))
                        .as("session %s is named once", session.getSessionId())
                        .isTrue();
                check(session);
            });
            page.getAttemptsList().forEach(attempt -> assertThat(held.put(attempt.getSequence(), attempt))
                    .as("attempt %d is named once", attempt.getSequence())
                    .isNull());
        }
        held.values().forEach(this::check);
        for (long sequence : List.copyOf(live.keySet())) {
            if (!held.containsKey(sequence)) {
                assertThat(told).as("what has ended is held").doesNotContainKey(sequence);
                assertThat(begun)
                        .as("what is not here any more has not started")
                        .doesNotContain(sequence);
                finish(sequence, "absent");
            }
        }
        if (another) {
            epoch++;
            sequenceOf.clear();
            numberOf.clear();
            unclaimed.clear();
            for (String session : SESSIONS) {
                if (sessions.contains(session)) {
                    unclaimed.put(session, new ArrayList<>());
                } else {
                    quotas.remove(session);
                }
            }
            live.keySet()
                    .forEach(sequence -> unclaimed.get(sessionOf.get(sequence)).add(sequence));
        } else {
            held.values().forEach(attempt -> {
                if (attempt.hasOutcome() && attempt.getEpoch() == epoch) {
                    ended(attempt.getSequence(), attempt.getOutcome().getOutcome());
                }
            });
        }
        return Order.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setEpoch(epoch)
                        .setLeaseMillis(LEASE_MILLIS)
                        .setHeartbeatMillis(2_000));
    }

    private void check(SessionHeld session) {
        boolean begunAndGivenUp = ends.entrySet().stream()
                .anyMatch(end -> end.getValue().equals(GIVEN_UP)
                        && begun.contains(end.getKey())
                        && session.getSessionId().equals(sessionOf.get(end.getKey())));
        if (begunAndGivenUp) {
            assertThat(session.getDroppedStarted())
                    .as("session %s says that something that may have started was dropped", session.getSessionId())
                    .isTrue();
        }
    }

    private void check(AttemptHeld attempt) {
        long sequence = attempt.getSequence();
        assertThat(live).as("what the host holds is wanted").containsKey(sequence);
        assertThat(new Held.Name(attempt.getEpoch(), attempt.getAttempt()))
                .as("the name of attempt %d", sequence)
                .isEqualTo(live.get(sequence));
        Outcome before = told.get(sequence);
        if (before != null) {
            assertThat(attempt.getOutcome().getOutcome())
                    .as("the outcome of %d is the one told before", sequence)
                    .isEqualTo(before);
        }
        heldOutcomes += attempt.hasOutcome() ? 1 : 0;
    }

    /** The host has waited for too long, and given up everything. */
    void hostHasGivenUp() {
        for (long sequence : List.copyOf(live.keySet())) {
            giveUp(sequence);
        }
        numberOf.clear();
        unclaimed.clear();
        quotas.clear();
    }

    // ------------------------------------------------------------------------------------------------------- orders

    Order.Builder assign() {
        Order.Builder order = Order.newBuilder();
        String session = SESSIONS.get(random.nextInt(SESSIONS.size()));
        if (!numberOf.containsKey(session)) {
            claim(session, order);
            return order;
        }
        for (int i = random.nextInt(20); i >= 0; i--) {
            long sequence = ++lastSequence;
            sessionOf.put(sequence, session);
            order.addRuns(Run.newBuilder()
                    .setSession(numberOf.get(session))
                    .setAttempt(name(sequence))
                    .setStartNumber(1)
                    .setTask(Task.newBuilder()
                            .setSequence(sequence)
                            .setPayload(random.nextInt(4) == 0 ? LARGE : Payload.getDefaultInstance())
                            .setTimeoutMillis(random.nextInt(10) == 0 ? 100 : 0)));
        }
        return order;
    }

    /** Of a session of another epoch: adopts it with all that the client still wants, or drops all of it. */
    Order.Builder claimNext() {
        Order.Builder order = Order.newBuilder();
        if (!unclaimed.isEmpty()) {
            claim(unclaimed.keySet().iterator().next(), order);
        }
        return order;
    }

    private void claim(String session, Order.Builder order) {
        List<Long> theirs = unclaimed.remove(session);
        if (theirs != null && random.nextInt(5) == 0) {
            // Its client has gone.
            order.addSessionsOpened(
                            SessionOpened.newBuilder().setSession(++lastSession).setSessionId(session))
                    .addSessionsClosed(SessionClosed.newBuilder().setSession(lastSession));
            theirs.forEach(this::giveUp);
            quotas.remove(session);
            return;
        }
        open(session, order);
        if (theirs != null) {
            for (long sequence : theirs) {
                Held.Name held = live.get(sequence);
                if (held == null) {
                    continue;
                }
                AttemptName.Builder name =
                        AttemptName.newBuilder().setEpoch(held.epoch()).setAttempt(held.attempt());
                if (random.nextInt(4) == 0) {
                    dropped++;
                    order.addDropped(name);
                    giveUp(sequence);
                } else {
                    adopted++;
                    order.addAdopted(Adoption.newBuilder().setHeld(name).setAttempt(name(sequence)));
                }
            }
        }
        if (random.nextBoolean() || theirs == null || theirs.isEmpty()) {
            addQuota(order, session, 1 + random.nextInt(slots));
        }
    }

    private void open(String session, Order.Builder order) {
        numberOf.put(session, ++lastSession);
        order.addSessionsOpened(SessionOpened.newBuilder()
                .setSession(lastSession)
                .setSessionId(session)
                .setProcess(ProcessSpec.newBuilder()
                        .setInitializer(random.nextInt(3) == 0 ? LARGE : Payload.getDefaultInstance())
                        .setStartup(random.nextBoolean() ? Startup.ON_DEMAND : Startup.ALL_AT_ONCE)
                        .setMaxTasksPerProcess(random.nextBoolean() ? 0 : 1 + random.nextInt(5))));
    }

    private long name(long sequence) {
        long attempt = ++lastAttempt;
        sequenceOf.put(attempt, sequence);
        live.put(sequence, new Held.Name(epoch, attempt));
        return attempt;
    }

    Order.Builder disturb() {
        Order.Builder order = Order.newBuilder();
        List<Long> all = List.copyOf(sequenceOf.keySet());
        if (all.isEmpty()) {
            return order;
        }
        long attempt = all.get(random.nextInt(all.size()));
        long sequence = sequenceOf.get(attempt);
        switch (random.nextInt(5)) {
            case 0, 1 -> order.addRecalls(attempt);
            case 2, 3 -> {
                cancelled.add(sequence);
                order.addCancels(CancelAttempt.newBuilder().setAttempt(attempt).setEvenIfRunning(random.nextBoolean()));
            }
            default -> {
                if (live.containsKey(sequence)) {
                    order.addDropped(AttemptName.newBuilder().setEpoch(epoch).setAttempt(attempt));
                    giveUp(sequence);
                }
            }
        }
        return order;
    }

    Order.Builder changeQuota(int processes) {
        Order.Builder order = Order.newBuilder();
        String session = SESSIONS.get(random.nextInt(SESSIONS.size()));
        if (numberOf.containsKey(session)) {
            addQuota(order, session, processes);
        }
        return order;
    }

    private void addQuota(Order.Builder order, String session, int processes) {
        quotas.put(session, processes);
        order.addQuotas(Quota.newBuilder().setSession(numberOf.get(session)).setProcesses(processes));
    }

    Order.Builder close(String session) {
        Order.Builder order = Order.newBuilder();
        Integer number = numberOf.remove(session);
        if (number == null) {
            return order;
        }
        quotas.remove(session);
        for (long sequence : List.copyOf(live.keySet())) {
            if (sessionOf.get(sequence).equals(session)) {
                giveUp(sequence);
            }
        }
        order.addSessionsClosed(SessionClosed.newBuilder().setSession(number).setKill(random.nextBoolean()));
        if (random.nextBoolean()) {
            // Its client comes back with the same order.
            open(session, order);
            addQuota(order, session, 1 + random.nextInt(slots));
        }
        return order;
    }

    /** Its client has gone; it may be known here or not. */
    Order.Builder closeForGood(String session) {
        Order.Builder order = Order.newBuilder();
        Integer number = numberOf.remove(session);
        if (number == null) {
            number = ++lastSession;
            order.addSessionsOpened(
                    SessionOpened.newBuilder().setSession(number).setSessionId(session));
        }
        return order.addSessionsClosed(SessionClosed.newBuilder().setSession(number));
    }

    /** Acknowledges what has been told: some of it, or all. */
    Order.Builder acknowledge(boolean all) {
        Order.Builder order = Order.newBuilder();
        for (long sequence : List.copyOf(told.keySet())) {
            Held.Name name = live.get(sequence);
            if (name != null && name.epoch() == epoch && (all || random.nextBoolean())) {
                order.addAcknowledged(name.attempt());
                finish(sequence, told.get(sequence).getKindCase().toString());
            }
        }
        return order;
    }

    /** Asks for the payloads of some outcomes; a transfer is named after the task's sequence number. */
    Order.Builder askForPayloads() {
        Order.Builder order = Order.newBuilder();
        told.forEach((sequence, outcome) -> {
            Held.Name name = live.get(sequence);
            if (name != null && name.epoch() == epoch && outcome.getResult().hasReference() && random.nextBoolean()) {
                assertThat(outcome.getResult().getReference().getPath())
                        .as("the path of a payload on another machine")
                        .isEmpty();
                order.addPayloadsWanted(
                        PayloadWanted.newBuilder().setTransfer(sequence).setAttempt(name.attempt()));
            }
        });
        return order;
    }

    // ------------------------------------------------------------------------------------------------------ reports

    void hear(Report report) {
        for (AttemptOutcome outcome : report.getOutcomesList()) {
            ended(known(outcome.getAttempt()), outcome.getOutcome());
        }
        for (long attempt : report.getReturnedList()) {
            long sequence = known(attempt);
            if (live.containsKey(sequence)) {
                assertThat(begun).as("what is handed back has not started").doesNotContain(sequence);
                assertThat(told).as("what is handed back has not ended").doesNotContainKey(sequence);
                finish(sequence, "returned");
            }
        }
        report.getStartedList().forEach(started -> assertThat(begun).contains(known(started.getAttempt())));
        report.getQuotasConfirmedList()
                .forEach(confirmed -> assertThat(confirmed.getSession()).isPositive());
    }

    private long known(long attempt) {
        assertThat(sequenceOf).as("attempts of epoch %d", epoch).containsKey(attempt);
        return sequenceOf.get(attempt);
    }

    private void ended(long sequence, Outcome outcome) {
        if (!live.containsKey(sequence)) {
            assertThat(ends.get(sequence)).as("the end of %d", sequence).isEqualTo(GIVEN_UP);
            return;
        }
        if (outcome.hasLoss()) {
            // Whether one that was asked back had started is unknown when the answer has died with its process.
            if (outcome.getLoss().getCause() == Loss.Cause.NO_ROOM) {
                assertThat(outcome.hasPlace())
                        .as("what has no room has not started")
                        .isFalse();
            } else if (outcome.getLoss().getCause() != Loss.Cause.HOST_LOST) {
                assertThat(outcome.getLoss().getCause()).isEqualTo(Loss.Cause.PROCESS_DIED);
                assertThat(begun).as("what is blamed had started").contains(sequence);
            }
        } else if (outcome.hasCancelled()) {
            assertThat(cancelled).contains(sequence);
        } else if (outcome.hasResult()) {
            assertThat(begun).contains(sequence);
        }
        Outcome before = told.put(sequence, outcome);
        if (before != null) {
            assertThat(outcome).as("the outcome of %d, told again", sequence).isEqualTo(before);
        }
    }

    private void giveUp(long sequence) {
        if (live.containsKey(sequence)) {
            finish(sequence, GIVEN_UP);
        }
    }

    private void finish(long sequence, String how) {
        told.remove(sequence);
        live.remove(sequence);
        assertThat(ends.put(sequence, how))
                .as("attempt %d ended before", sequence)
                .isNull();
    }
}

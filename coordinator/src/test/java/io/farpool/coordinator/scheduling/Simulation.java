package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.SessionHeld;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One seeded run: a scheduler, hosts and clients on simulated time, and the rules that are checked after every event.
 */
final class Simulation {
    /** The longest that a slot may be free, and a task that could run there wait. */
    private static final long CONSERVATION_MILLIS = 50;

    /** The longest that tasks may stay behind others while slots of their session idle. */
    private static final long REBALANCING_MILLIS = 100;

    private static final int MOST_EVENTS = 2_000_000;
    private static final long QUANTUM_MILLIS = 100;

    private record Due(long atMillis, long order, Runnable action) {}

    final SplittableRandom random;
    final SchedulerSettings settings;
    Scheduler scheduler;
    /** Of the coordinator of now. */
    long epoch = 77;

    final Map<String, SimulatedHost> hosts = new LinkedHashMap<>();
    final Map<String, SimulatedClient> clients = new LinkedHashMap<>();
    /** By the numbers they have had at this coordinator. */
    private final Map<Integer, SimulatedClient> numbered = new LinkedHashMap<>();
    /** How often tasks were started, by session and sequence. */
    private final Map<String, Integer> starts = new HashMap<>();

    private int lastSession;
    private int lastReference;
    private int crashesLeft;
    private final PriorityQueue<Due> agenda =
            new PriorityQueue<>(Comparator.comparingLong(Due::atMillis).thenComparingLong(Due::order));
    private final List<Decision> decided = new ArrayList<>();
    private final Map<Integer, Long> starvingSince = new LinkedHashMap<>();
    private final Set<String> excused = new HashSet<>();
    private final Map<Integer, Long> lopsidedSince = new LinkedHashMap<>();
    private long conservationBrokenSince = -1;
    private long orders;
    private long events;
    private long course = 1;
    long nowMillis;
    /** From here on nothing goes wrong any more, so that the run comes to its end. */
    boolean calm;

    Simulation(long seed) {
        random = new SplittableRandom(seed);
        settings = SchedulerSettings.defaults()
                .withQuantumMillis(QUANTUM_MILLIS)
                .withCredit(1 + random.nextInt(300), 1 + random.nextInt(20_000))
                .withLeases(2_000, 1_000, 5_000)
                .withRecoveryWindowMillis(1 + random.nextInt(3_000));
        scheduler = new Scheduler(settings, epoch, 0, decided::add);
    }

    void run() {
        int hostCount = 1 + random.nextInt(5);
        for (int i = 1; i <= hostCount; i++) {
            SimulatedHost host = new SimulatedHost(this, "h" + i, 1 + random.nextInt(4));
            hosts.put(host.name, host);
            after(random.nextInt(500), host::attach);
        }
        int clientCount = 1 + random.nextInt(4);
        for (int i = 1; i <= clientCount; i++) {
            SimulatedClient client = new SimulatedClient(this, i);
            clients.put(client.id, client);
            after(random.nextInt(800), client::open);
        }
        crashesLeft = chance(0.7) ? 1 + random.nextInt(3) : 0;
        planCrash();
        after(3_000 + random.nextInt(3_000), () -> calm = true);
        tick();
        while (!over()) {
            Due due = agenda.remove();
            nowMillis = due.atMillis();
            due.action().run();
            check();
            if (++events > MOST_EVENTS) {
                throw new AssertionError("no end after " + events + " events");
            }
        }
        checkTheEnd();
    }

    private void planCrash() {
        if (crashesLeft-- > 0) {
            after(100 + random.nextInt(2_500), this::crashCoordinator);
        }
    }

    /** Another one takes its place, with an empty memory. */
    private void crashCoordinator() {
        if (calm) {
            return;
        }
        epoch++;
        scheduler = new Scheduler(settings, epoch, nowMillis, decided::add);
        numbered.clear();
        excused.clear();
        starvingSince.clear();
        lopsidedSince.clear();
        conservationBrokenSince = -1;
        hosts.values().forEach(SimulatedHost::coordinatorLost);
        clients.values().forEach(SimulatedClient::coordinatorLost);
        planCrash();
    }

    private void tick() {
        if (scheduler.deadlineMillis() <= nowMillis) {
            tell(new Event.TimePassed());
        }
        after(10, this::tick);
    }

    private boolean over() {
        boolean clientsDone = clients.values().stream().allMatch(SimulatedClient::done);
        // What is still on its way then are the last confirmations.
        return calm
                && scheduler.sessions().isEmpty()
                && clientsDone
                && hosts.values().stream().allMatch(SimulatedHost::quiet)
                && scheduler.hosts().stream().allMatch(host -> host.held() == 0);
    }

    // ------------------------------------------------------------------------------------------------ the world's ways

    int nextSession(SimulatedClient client) {
        numbered.put(++lastSession, client);
        return lastSession;
    }

    /** One that no other payload has. */
    Payload newReference() {
        return Payload.newBuilder()
                .setReference(PayloadReference.newBuilder()
                        .setSizeBytes(1L << random.nextInt(26))
                        .setCrc32C(++lastReference))
                .build();
    }

    int transferMillis() {
        return random.nextInt(chance(0.1) ? 400 : 20);
    }

    boolean transferFails() {
        return chance(0.1);
    }

    boolean mayFetch(int session, long sequence, String host) {
        return scheduler.argumentBytes(session, sequence, host).isPresent();
    }

    /** Where the payload of an outcome is; null if that one is not offered any more. */
    @Nullable
    String hostOf(Decision.OfferOutcome offer) {
        OfferView view = scheduler.offer(offer.session(), offer.attempt());
        if (view != null && view.sequence() != offer.sequence()) {
            throw new AssertionError("task " + offer.sequence() + " was offered, and is " + view);
        }
        return view == null ? null : view.host();
    }

    boolean knows(int session) {
        return scheduler.isOpen(session);
    }

    String sessionId(int session) {
        return numbered.get(session).id;
    }

    /** A host starts a task. */
    void started(String sessionId, long sequence) {
        int times = starts.merge(sessionId + "/" + sequence, 1, Integer::sum);
        SimulatedClient client = clients.get(sessionId);
        int permitted = client.permittedStarts(sequence);
        // What a coordinator has forgotten may not have been told before: but never of the last permitted one.
        if (times > permitted + client.timesForgotten() * (permitted - 1)) {
            throw new AssertionError("task " + sequence + " of " + sessionId + " was started " + times
                    + " times, and permits " + permitted);
        }
    }

    void after(long delayMillis, Runnable action) {
        agenda.add(new Due(nowMillis + delayMillis, orders++, action));
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** Several events that reach the scheduler together. */
    void tell(Event... together) {
        for (Event event : together) {
            if (event instanceof Event.HostAttached attached) {
                excuse(attached);
            }
            scheduler.apply(event, nowMillis);
        }
        scheduler.settle(nowMillis);
        List<Decision> now = List.copyOf(decided);
        decided.clear();
        for (Decision decision : now) {
            course = course * 31 + decision.hashCode();
            if (decision instanceof Decision.ForHost forHost) {
                hosts.get(forHost.host()).fromScheduler(decision);
            } else if (decision instanceof Decision.ForSession forSession) {
                SimulatedClient client = numbered.get(forSession.session());
                if (client.number() == forSession.session()) {
                    client.link.fromScheduler(decision);
                }
            }
        }
    }

    /**
     * A host that was given up comes back with processes, which have been replaced elsewhere meanwhile: over the cap
     * until it has ended them.
     */
    private void excuse(Event.HostAttached attached) {
        if (scheduler.hosts().stream().noneMatch(host -> host.host().equals(attached.host()))) {
            for (SessionHeld session : attached.sessions()) {
                excused.add(session.getSessionId());
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ the rules

    private void check() {
        for (SimulatedHost host : hosts.values()) {
            if (host.rooms().processes() > host.slots) {
                throw new AssertionError(
                        host.name + " has " + host.rooms().processes() + " processes in " + host.slots + " slots");
            }
        }
        List<HostView> attached = scheduler.hosts();
        List<SessionView> sessions = scheduler.sessions();
        for (HostView host : attached) {
            if (host.held() > host.slots()) {
                throw new AssertionError("more slots given than there are: " + host);
            }
        }
        for (SessionView session : sessions) {
            checkSession(session, attached);
        }
        checkConservation(attached, sessions);
        if (attached.stream()
                .anyMatch(host -> host.connected() && !hosts.get(host.host()).knownToCoordinator())) {
            // A host is dead and has not been missed yet: recalls to it stay without an answer.
            lopsidedSince.clear();
        }
        checkRebalancing(sessions);
        checkStarvation(sessions);
    }

    private void checkSession(SessionView session, List<HostView> attached) {
        if (session.queued() > 0 && session.idleSlots() > 0) {
            throw new AssertionError("tasks wait while slots of their session idle: " + session);
        }
        if (session.maxWorkers() > 0) {
            int processes = 0;
            for (HostView host : attached) {
                SimulatedHost simulated = hosts.get(host.host());
                processes += simulated.knownToCoordinator() ? simulated.rooms().processesOf(session.sessionId()) : 0;
            }
            boolean within = session.held() <= session.maxWorkers() && processes <= session.maxWorkers();
            int most = hosts.values().stream()
                    .mapToInt(host -> host.rooms().mostProcessesOf(session.sessionId()))
                    .sum();
            boolean allKnown =
                    attached.stream().allMatch(host -> hosts.get(host.host()).knownToCoordinator());
            if (within && allKnown && most <= session.maxWorkers()) {
                excused.remove(session.sessionId());
            } else if (!within
                    && (!excused.contains(session.sessionId()) || session.granted() > session.maxWorkers())) {
                throw new AssertionError("over its cap with " + processes + " processes: " + session);
            }
        }
    }

    private void checkConservation(List<HostView> attached, List<SessionView> sessions) {
        boolean room =
                attached.stream().anyMatch(host -> host.connected() && !host.draining() && host.held() < host.slots());
        boolean need = sessions.stream()
                .anyMatch(session -> session.queued() > 0
                        && !clients.get(session.sessionId()).troubled()
                        && (session.maxWorkers() == 0 || session.held() < session.maxWorkers()));
        if (!room || !need) {
            conservationBrokenSince = -1;
        } else if (conservationBrokenSince < 0) {
            conservationBrokenSince = nowMillis;
        } else if (nowMillis - conservationBrokenSince > CONSERVATION_MILLIS) {
            throw new AssertionError("for " + (nowMillis - conservationBrokenSince)
                    + " ms a slot has been free and a task has waited: " + attached + sessions);
        }
    }

    /** Nothing stays behind a slow task while a slot of its session idles elsewhere. */
    private void checkRebalancing(List<SessionView> sessions) {
        for (SessionView session : sessions) {
            if (session.idleSlots() == 0 || session.prefetched() == 0 || session.queued() > 0) {
                lopsidedSince.remove(session.session());
                continue;
            }
            long since = lopsidedSince.computeIfAbsent(session.session(), s -> nowMillis);
            if (nowMillis - since > REBALANCING_MILLIS) {
                throw new AssertionError("for " + (nowMillis - since)
                        + " ms tasks have waited behind others while a slot idled: " + session);
            }
        }
    }

    /** Who waits without any slot gets one within some quanta, each stretched by the task that is in its way. */
    private void checkStarvation(List<SessionView> sessions) {
        for (SessionView session : sessions) {
            boolean starves = calm
                    && session.granted() == 0
                    && session.queued() > 0
                    && !clients.get(session.sessionId()).troubled()
                    && hosts.values().stream().noneMatch(host -> host.rooms().holdUnclaimed())
                    && scheduler.hosts().stream().anyMatch(host -> host.connected() && !host.draining());
            if (!starves) {
                starvingSince.remove(session.session());
                continue;
            }
            long since = starvingSince.computeIfAbsent(session.session(), s -> nowMillis);
            long most = 2_000 + sessions.size() * (QUANTUM_MILLIS + SimulatedClient.LONGEST_TASK_MILLIS + 500);
            if (nowMillis - since > most) {
                throw new AssertionError("starved for " + (nowMillis - since) + " ms: " + session);
            }
        }
    }

    private void checkTheEnd() {
        for (SimulatedClient client : clients.values()) {
            client.checkTheEnd();
        }
        for (SimulatedHost host : hosts.values()) {
            host.checkTheEnd();
        }
        if (!scheduler.isAtRest() || !scheduler.sessions().isEmpty()) {
            throw new AssertionError("something is left: " + scheduler.sessions() + scheduler.hosts());
        }
    }

    /** A digest of every decision in order. */
    long course() {
        return course;
    }

    String whereItStands() {
        return "at " + nowMillis + " ms, after " + events + " events: " + scheduler.hosts() + scheduler.sessions()
                + hosts.values().stream().map(SimulatedHost::state).toList()
                + clients.values().stream().map(SimulatedClient::state).toList();
    }
}

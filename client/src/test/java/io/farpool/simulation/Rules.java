package io.farpool.simulation;

import io.farpool.coordinator.scheduling.HostView;
import io.farpool.coordinator.scheduling.OfferView;
import io.farpool.coordinator.scheduling.SessionView;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Retry;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.RunInProcess;
import io.grpc.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What must hold, whatever happens. Some of it is checked where it happens, the rest after every event. Bounds in time count
 * from when nothing excuses a delay any more.
 */
final class Rules {
    /** The longest that the coordinator may know of a free slot and of a task for it. */
    private static final long CONSERVATION_MILLIS = 250;
    /** For so long a host may be left out after it has said that it has no room for a payload: as long as its word may travel, too. */
    private static final long NO_ROOM_MILLIS = 10_000;
    /** The longest that a slot may really be idle while a task waits that could run there. */
    private static final long IDLE_MILLIS = 2_000;
    /** The longest that a client may hold back what its credit has room for. */
    private static final long HELD_BACK_MILLIS = 3_000;
    /** The longest that a session may have more slots than its cap, when a host comes back with what was replaced elsewhere. */
    private static final long OVER_CAP_MILLIS = 12_000;
    /** After the last fault, until nobody has an excuse any more: leases, reconnecting, recovery. */
    static final long SETTLING_MILLIS = 25_000;
    /** After the start of a run in which nothing goes wrong. */
    private static final long FAULTLESS_SETTLING_MILLIS = 1_000;
    /** A look at what really happens; the rest is looked at after every event. */
    private static final long LOOK_MILLIS = 25;
    /** The longest that somebody who has a stream may not know that a payload is wanted. */
    private static final long ASKED_MILLIS = 500;

    private final Simulation simulation;
    private final World world;
    private @Nullable AssertionError violation;
    private long noRoomAtMillis = Long.MIN_VALUE / 2;
    private long conservationBrokenSince = -1;
    private long idleSince = -1;
    private long nextLookMillis;
    private final Map<Integer, Long> overCapSince = new HashMap<>();
    private final Map<Integer, Long> starvingSince = new HashMap<>();
    private final Map<Integer, Long> heldBackSince = new HashMap<>();
    int completions;
    int losses;
    int unaccounted;
    int received;
    int offersLost;
    int stalls;

    Rules(Simulation simulation) {
        this.simulation = simulation;
        this.world = simulation.world;
    }

    void broken(String how) {
        if (violation == null) {
            violation = new AssertionError(how);
        }
    }

    void fault(Throwable bug) {
        if (violation == null) {
            violation = new AssertionError("a core threw: " + bug, bug);
        }
    }

    private void require(boolean holds, String otherwise, Object about) {
        if (!holds) {
            broken(otherwise + ": " + about);
        }
    }

    // ------------------------------------------------------------------------------------------------ where it happens

    void launched(SimulatedHost host, String sessionId) {
        require(host.processes.size() <= host.slots, "more processes than slots", host);
        SimulatedClient client = simulation.clientOf(sessionId);
        if (settled() && client.maxWorkers > 0) {
            int processes = 0;
            for (SimulatedHost each : simulation.hosts) {
                processes += each.processesOf(sessionId);
            }
            require(processes <= client.maxWorkers, processes + " processes", client);
        }
    }

    void started(SimulatedHost host, PlannedTask task, RunInProcess run) {
        task.starts++;
        starvingSince.remove(task.client.index);
        int permitted = task.permitted();
        // What a coordinator has forgotten may not have been told before: but never of the last permitted one.
        int most = permitted + task.forgotten * (permitted - 1);
        require(task.starts <= most, "started more than " + most + " times", task);
        require(run.getStartNumber() <= permitted, "start number " + run.getStartNumber(), task);
        require(task.submitted, "started before it was submitted", task);
        require(host.busy() <= host.slots, "more running than slots", host);
    }

    void sessionBroken(SimulatedClient client, RuntimeException reason) {
        require(simulation.startsFail, "the session broke: " + reason, client.name);
    }

    /** A host tells this. */
    void reported(Report report) {
        Stream<AttemptOutcome> held = report.getAttemptsList().stream().map(AttemptHeld::getOutcome);
        if (Stream.concat(report.getOutcomesList().stream(), held)
                .anyMatch(outcome -> outcome.getOutcome().getLoss().getCause() == Loss.Cause.NO_ROOM)) {
            noRoomAtMillis = world.nowMillis;
        }
    }

    /** The coordinator has sent this. */
    void said(Call<?, ?> call, Object message) {
        if (message instanceof Order order) {
            order.getPayloadsWantedList().forEach(wanted -> told(call, wanted));
            for (Run run : order.getRunsList()) {
                String sessionId = simulation.coordinator.endpoints.sessionId(run.getSession());
                if (sessionId != null) {
                    int task = (int) run.getTask().getSequence() - 1;
                    notTaken(simulation.clientOf(sessionId).tasks.get(task), "it is to run again");
                }
            }
        } else if (message instanceof CompletionsResponse batch) {
            batch.getPayloadsWantedList().forEach(wanted -> told(call, wanted));
            for (Retry retry : batch.getRetriesList()) {
                offersLost += isOffered(retry.getBecause().getLoss()) ? 1 : 0;
            }
        }
    }

    private void told(Call<?, ?> call, PayloadWanted wanted) {
        SimulatedCoordinator.Asked asked = simulation.coordinator.asks.get(wanted.getTransfer());
        if (asked != null) {
            asked.toldOn = call;
        }
    }

    /** Whoever has what somebody waits for has been told so, where it would hear of it. */
    private void checkAsks() {
        for (SimulatedCoordinator.Asked asked : simulation.coordinator.asks.values()) {
            Call<?, ?> stream = streamOfSender(asked.request);
            require(stream == null || stream == asked.toldOn, "nobody has been asked for", asked.request);
        }
    }

    private @Nullable Call<?, ?> streamOfSender(ReceiveRequest request) {
        if (request.hasArgument()) {
            return simulation.clientOf(request.getSessionId()).steadyStream(ASKED_MILLIS);
        }
        OfferView offer = simulation.coordinator.endpoints.offer(
                request.getSessionId(), request.getResult().getAttempt());
        if (offer == null) {
            return null;
        }
        for (SimulatedHost host : simulation.hosts) {
            if (host.name.equals(offer.host())) {
                return host.attachment().steadyStream(ASKED_MILLIS);
            }
        }
        return null;
    }

    private static boolean isOffered(Loss loss) {
        return loss.getMessage().contains("its outcome was lost");
    }

    private void notTaken(PlannedTask task, String what) {
        require(task.takenEpoch != simulation.coordinator.epoch, "its outcome was taken, and " + what, task);
    }

    /** The coordinator has heard that the client has all of this task's outcome. */
    void taken(PlannedTask task) {
        task.takenEpoch = simulation.coordinator.epoch;
    }

    void notReceived(Machine receiver, ReceiveRequest request, long sinceMillis, Status status) {
        switch (status.getCode()) {
            case UNAVAILABLE -> {
                if (String.valueOf(status.getDescription()).contains("was sent within")) {
                    stoodStill(receiver, request, sinceMillis);
                }
            }
            case NOT_FOUND, RESOURCE_EXHAUSTED, PERMISSION_DENIED, CANCELLED -> {}
            default -> broken(receiver.name + " has not received " + request + ": " + status);
        }
    }

    void notSent(Machine sender, Status status) {
        switch (status.getCode()) {
            case UNAVAILABLE, NOT_FOUND, CANCELLED, DEADLINE_EXCEEDED -> {}
            default -> broken(sender.name + " could not send: " + status);
        }
    }

    /** A transfer went on neither way until it was given up. */
    void stoodStill(Machine receiver, ReceiveRequest request, long sinceMillis) {
        stalls++;
        boolean settledThen = world.calm && sinceMillis - world.calmSinceMillis > SETTLING_MILLIS;
        require(!simulation.faultless && !settledThen, "a transfer to " + receiver.name + " has stood still", request);
    }

    void finished(
            PlannedTask task, @Nullable Completion completion, @Nullable RuntimeException reason, boolean isReceived) {
        if (task.finished && task.unkept) {
            return; // its future had failed, and this is what became of its cancel
        }
        require(!task.finished, "finished twice", task);
        require(task.submitted, "finished before it was submitted", task);
        task.finished = true;
        completions++;
        if (completion == null) {
            require(
                    task.client.endedByUser || task.client.broken || task.unkept,
                    "failed for a reason outside its task: " + reason,
                    task);
            return;
        }
        check(task, completion, isReceived);
    }

    private void check(PlannedTask task, Completion completion, boolean isReceived) {
        Outcome outcome = completion.getOutcome();
        int attempts = completion.getAttempts();
        require(attempts <= task.permitted(), "ended after " + attempts + " attempts", task);
        switch (outcome.getKindCase()) {
            case RESULT -> {
                if (task.largeOutcome) {
                    large(task, payloadOf(outcome), isReceived);
                } else {
                    require(outcome.getResult().equals(task.answer()), "has the answer of another", task);
                }
                require(task.starts > 0, "has a result and never ran", task);
            }
            case FAILURE -> {
                require(task.kind == PlannedTask.Kind.THROWS, "failed without a reason", task);
                if (outcome.getFailure().hasException()) {
                    large(task, payloadOf(outcome), isReceived);
                }
                require(
                        !task.retryable || task.cancelled || attempts >= task.afterFailure(),
                        "failed after " + attempts + " attempts",
                        task);
            }
            case LOSS -> {
                losses++;
                lost(task, outcome.getLoss(), attempts);
            }
            case CANCELLED -> require(task.cancelled, "cancelled by nobody", task);
            case TIMED_OUT -> require(task.timeoutMillis > 0, "timed out without a time-out", task);
            case KIND_NOT_SET -> broken("ended without an outcome: " + task);
        }
    }

    static Payload payloadOf(Outcome outcome) {
        return outcome.hasResult() ? outcome.getResult() : outcome.getFailure().getException();
    }

    private void large(PlannedTask task, Payload payload, boolean isReceived) {
        received++;
        require(task.hasMade(payload.getReference()), "has what it never made", task);
        require(isReceived || task.cancelled, "is finished, and its outcome's payload has not been received", task);
    }

    private void lost(PlannedTask task, Loss loss, int attempts) {
        notTaken(task, "it is lost: " + loss);
        offersLost += isOffered(loss) ? 1 : 0;
        require(!simulation.faultless || task.kind == PlannedTask.Kind.DIES, "lost without a fault: " + loss, task);
        switch (loss.getCause()) {
            case PROCESS_DIED -> {
                require(task.kind == PlannedTask.Kind.DIES || task.killed, "blamed for its process's death", task);
                require(
                        task.cancelled || attempts >= task.afterFailure(),
                        "given up after " + attempts + " attempts: " + loss,
                        task);
            }
            case HOST_LOST ->
                require(
                        task.cancelled || attempts >= task.afterHostLoss(),
                        "given up after " + attempts + " attempts: " + loss,
                        task);
            case UNACCOUNTED -> {
                unaccounted++;
                require(task.forgotten > 0, "unaccounted for, though nobody has forgotten it", task);
            }
            case NO_ROOM -> require(!simulation.faultless, "refused by disks that have room: " + loss, task);
            case PROCESS_NOT_STARTED, CODE_UNAVAILABLE, CAUSE_UNSPECIFIED, UNRECOGNIZED ->
                broken("lost by " + loss + ": " + task);
        }
    }

    // ------------------------------------------------------------------------------------------------ after events

    void check() {
        if (violation != null) {
            throw violation;
        }
        SimulatedCoordinator coordinator = simulation.coordinator;
        if (coordinator.alive && !coordinator.isStopped() && !coordinator.shuttingDown) {
            List<HostView> hosts = coordinator.endpoints.hostViews();
            List<SessionView> sessions = coordinator.endpoints.sessionViews();
            checkViews(hosts, sessions);
            if (world.nowMillis >= nextLookMillis) {
                nextLookMillis = world.nowMillis + LOOK_MILLIS;
                look(hosts, sessions);
            }
        } else {
            conservationBrokenSince = -1;
            idleSince = -1;
            overCapSince.clear();
            starvingSince.clear();
            heldBackSince.clear();
        }
        if (violation != null) {
            throw violation;
        }
    }

    private void checkViews(List<HostView> hosts, List<SessionView> sessions) {
        boolean room = false;
        for (HostView host : hosts) {
            require(host.held() <= host.slots(), "more slots given than there are", host);
            require(
                    host.prefetched() <= simulation.prefetchBound(host.slots(), sessions.size()),
                    "more prefetched than the bound",
                    host);
            room |= host.connected() && !host.draining() && host.held() < host.slots();
        }
        boolean need = false;
        for (SessionView session : sessions) {
            require(
                    session.queued() == 0 || session.idleSlots() == 0 || simulation.tightAcknowledgement,
                    "tasks wait while slots idle",
                    session);
            require(session.queued() <= simulation.creditTasks, "more queued than the credit", session);
            checkCap(session);
            boolean mayBeFull = simulation.tightOutcomes && session.offered() > 0;
            need |= session.queued() > 0
                    && !mayBeFull
                    && (session.maxWorkers() == 0 || session.held() < session.maxWorkers());
        }
        boolean leftOut = simulation.startsFail || world.nowMillis - noRoomAtMillis < NO_ROOM_MILLIS;
        if (!room || !need || leftOut || simulation.tightAcknowledgement) {
            conservationBrokenSince = -1;
        } else if (conservationBrokenSince < 0) {
            conservationBrokenSince = world.nowMillis;
        } else {
            require(
                    world.nowMillis - conservationBrokenSince <= CONSERVATION_MILLIS,
                    "a slot has been free and a task has waited for too long",
                    hosts.toString() + sessions);
        }
    }

    private void checkCap(SessionView session) {
        if (session.maxWorkers() == 0) {
            return;
        }
        require(session.granted() <= session.maxWorkers(), "granted beyond its cap", session);
        if (session.held() <= session.maxWorkers()) {
            overCapSince.remove(session.session());
            return;
        }
        require(!simulation.faultless, "beyond its cap", session);
        long since = overCapSince.computeIfAbsent(session.session(), s -> world.nowMillis);
        require(world.nowMillis - since <= OVER_CAP_MILLIS, "beyond its cap for too long", session);
    }

    // ------------------------------------------------------------------------------------------------ now and then

    private boolean settled() {
        return simulation.faultless
                ? world.nowMillis > FAULTLESS_SETTLING_MILLIS
                : world.calm && world.nowMillis - world.calmSinceMillis > SETTLING_MILLIS;
    }

    /** Looks at processes and futures themselves, whatever the coordinator believes. */
    private void look(List<HostView> views, List<SessionView> sessions) {
        checkAsks();
        if (!settled() || simulation.startsFail) {
            return;
        }
        if (!simulation.tightBytes) {
            simulation.clients.forEach(client -> checkCredit(client, sessions));
        }
        if (!simulation.wide) {
            return;
        }
        boolean room = false;
        int everywhere = 0;
        for (SimulatedHost host : simulation.hosts) {
            boolean serves = host.attachment().isWelcomed() && !host.isDraining();
            everywhere += serves ? host.slots : 0;
            room |= serves && host.idle() > host.fetching();
        }
        boolean need = false;
        for (SimulatedClient client : simulation.clients) {
            int busy = 0;
            int engaged = 0;
            int starting = 0;
            int fetching = 0;
            for (SimulatedHost host : simulation.hosts) {
                fetching += host.fetchingOf(client.sessionId);
                for (SimulatedProcess process : host.processes.values()) {
                    if (process.sessionId.equals(client.sessionId)) {
                        busy += process.isBusy() ? 1 : 0;
                        engaged += process.isIdle() ? 0 : 1;
                        starting += process.isIdle() || process.isBusy() ? 0 : 1;
                    }
                }
            }
            boolean waits = client.connected
                    && !client.isTroubled()
                    && world.nowMillis - client.connectedSinceMillis > 2_000
                    && client.tasks.stream().anyMatch(PlannedTask::waits);
            need |= waits
                    && client.tasks.stream().filter(PlannedTask::waits).count() > starting
                    && (client.maxWorkers == 0 || engaged + fetching < client.maxWorkers);
            starves(client, waits && busy + fetching == 0 && everywhere > 0);
            if (client.maxWorkers > 0) {
                require(busy <= client.maxWorkers, busy + " tasks run at once", client);
            }
        }
        if (!room || !need) {
            idleSince = -1;
        } else if (idleSince < 0) {
            idleSince = world.nowMillis;
        } else {
            require(
                    world.nowMillis - idleSince <= IDLE_MILLIS,
                    "a slot has idled and a task has waited for too long",
                    views.toString() + sessions);
        }
    }

    /** What a client holds back, although the coordinator would take it, is held back for ever. */
    private void checkCredit(SimulatedClient client, List<SessionView> sessions) {
        long there = 0;
        for (SessionView session : sessions) {
            if (session.sessionId().equals(client.sessionId)) {
                there = (long) session.queued() + session.awaited() + session.assigned() + session.offered();
            }
        }
        boolean heldBack = client.connected
                && !client.isTroubled()
                && there < simulation.creditTasks
                && there < client.tasks.stream().filter(PlannedTask::isWanted).count();
        if (!heldBack) {
            heldBackSince.remove(client.index);
            return;
        }
        long since = heldBackSince.computeIfAbsent(client.index, i -> world.nowMillis);
        require(
                world.nowMillis - since <= HELD_BACK_MILLIS,
                "holds back tasks, though the coordinator has only " + there,
                client);
    }

    /** Who waits and runs nothing at all gets a turn within some quanta, each stretched by the task that is in its way. */
    private void starves(SimulatedClient client, boolean starving) {
        if (!starving) {
            starvingSince.remove(client.index);
            return;
        }
        long since = starvingSince.computeIfAbsent(client.index, i -> world.nowMillis);
        long perTurn = (long) Simulation.QUANTUM_MILLIS + (simulation.slowStarts ? 6_000 : 4_000);
        long most = 4_000 + simulation.clients.size() * perTurn;
        require(world.nowMillis - since <= most, "starved for " + (world.nowMillis - since) + " ms", client);
    }
}

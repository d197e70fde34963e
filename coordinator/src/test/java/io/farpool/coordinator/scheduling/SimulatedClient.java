package io.farpool.coordinator.scheduling;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A client with some hundred tasks: submits within its credit, cancels some, grants, acknowledges late, loses its streams and
 * its coordinator, resumes, closes; or dies.
 */
final class SimulatedClient {
    static final int LONGEST_TASK_MILLIS = 300;

    final String id;
    final SimulatedLink link;
    private final Simulation simulation;
    private final int maxWorkers;
    private final int taskCount;
    private final int taskMillis;
    /** Its number at the coordinator of now; 0: never open there. */
    private int number;

    private int opened;

    private long created;
    private final Map<Long, Task> pending = new LinkedHashMap<>();
    /** Of those, the ones that are to be sent (again). */
    private final TreeSet<Long> waiting = new TreeSet<>();
    /** Of those, the ones that nobody but the client has heard of. */
    private final Set<Long> neverSent = new HashSet<>();
    /** Of those, the ones that count in the credit. */
    private final Set<Long> counted = new HashSet<>();

    private final Map<Long, Integer> permittedStarts = new HashMap<>();
    private final Map<Long, Grant> grants = new LinkedHashMap<>();
    private final Map<Long, Integer> attemptsUsed = new LinkedHashMap<>();
    private final Map<Long, Outcome> done = new LinkedHashMap<>();
    private final Set<Long> cancelled = new TreeSet<>();
    private final boolean allAtOnce;
    private List<String> hosts = List.of();
    private long sentTasks;
    private long sentBytes;
    private long creditTasks;
    private long creditBytes;
    private long received;
    private boolean closing;
    private boolean ended;
    private boolean dead;
    /** Its process does not come up on some host right now, so that it may wait although there is room. */
    private long troubledUntilMillis;

    private boolean broken;
    /** How often, of ten, the payloads of its tasks and of their outcomes are references. */
    private final int largeOfTen;

    private final SimulatedReceipts receipts;

    SimulatedClient(Simulation simulation, int index) {
        this.simulation = simulation;
        id = "session-" + index;
        link = new SimulatedLink(simulation, this::receive);
        receipts = new SimulatedReceipts(simulation, this);
        maxWorkers = simulation.chance(0.5) ? 0 : 1 + simulation.random.nextInt(6);
        taskCount = 1 + simulation.random.nextInt(simulation.chance(0.3) ? 1_000 : 60);
        taskMillis = simulation.chance(0.6) ? 2 : LONGEST_TASK_MILLIS;
        allAtOnce = simulation.chance(0.3);
        largeOfTen = simulation.chance(0.5) ? 0 : 1 + simulation.random.nextInt(10);
    }

    /** Whether the outcomes of that task are large, and usually its payload. */
    boolean movesLarge(long sequence) {
        return sequence % 10 < largeOfTen;
    }

    /** Whether a task's payload can be had from here. */
    boolean sends(long sequence) {
        return !ended && !dead && link.up() && pending.containsKey(sequence);
    }

    boolean isPending(long sequence) {
        return pending.containsKey(sequence);
    }

    /** Whether it is pending, and not cancelled. */
    boolean wants(long sequence) {
        return pending.containsKey(sequence) && !cancelled.contains(sequence);
    }

    int taskMillis() {
        return simulation.random.nextInt(taskMillis + 1);
    }

    int number() {
        return number;
    }

    // ------------------------------------------------------------------------------------------------ its life

    void open() {
        connect();
        if (simulation.chance(0.5)) {
            cancelSome();
        }
        if (simulation.chance(0.05)) {
            simulation.after(simulation.random.nextInt(3_000), this::die);
        }
    }

    private void connect() {
        if (ended || dead || link.up()) {
            return;
        }
        if (!simulation.knows(number)) {
            if (created == taskCount && pending.isEmpty()) {
                ended = true;
                return;
            }
            boolean resuming = created > 0 || number != 0;
            number = simulation.nextSession(this);
            opened++;
            simulation.tell(new Event.SessionOpened(number, id, maxWorkers, allAtOnce, resuming, hosts));
            received = 0;
            counted.clear();
            receipts.coordinatorIsNew();
            sentTasks = 0;
            sentBytes = 0;
            creditTasks = simulation.scheduler.creditTasks(number);
            creditBytes = simulation.scheduler.creditBytes(number);
        }
        link.connect();
        closing = false;
        simulation.tell(new Event.SessionStreams(number, true), new Event.CompletionsWanted(number, received));
        sayWhatIsPending();
        cancelled.stream().filter(pending::containsKey).forEach(this::cancel);
        sendMore();
        planTrouble();
    }

    private void planTrouble() {
        if (!simulation.calm) {
            int within = simulation.chance(0.5) ? 100 : 3_000;
            if (simulation.chance(0.4)) {
                simulation.after(simulation.random.nextInt(within), this::breakStreams);
            }
            if (simulation.chance(0.3)) {
                simulation.after(simulation.random.nextInt(within), this::replaceCompletions);
            }
        }
    }

    private void sayWhatIsPending() {
        List<SequenceInterval> intervals = new ArrayList<>();
        List<PendingTask> particulars = new ArrayList<>();
        pending.forEach((sequence, task) -> {
            if (!waiting.contains(sequence)) {
                intervals.add(SequenceInterval.newBuilder()
                        .setFirst(sequence)
                        .setLast(sequence)
                        .build());
                PendingTask.Builder told = PendingTask.newBuilder()
                        .setSequence(sequence)
                        .setPriority(task.getPriority())
                        .setAttemptsAfterFailure(task.getAttemptsAfterFailure())
                        .setAttemptsAfterHostLoss(task.getAttemptsAfterHostLoss())
                        .setAttemptsUsed(attemptsUsed.getOrDefault(sequence, 0));
                Grant grant = grants.get(sequence);
                particulars.add((grant == null ? told : told.setGrant(grant)).build());
            }
        });
        link.toScheduler(new Event.PendingTold(number, intervals, particulars));
    }

    private void breakStreams() {
        breakStreamsFor(simulation.random.nextInt(simulation.chance(0.2) ? 8_000 : 2_000));
    }

    private void breakStreamsFor(int millis) {
        if (!ended && !broken && !dead && link.up()) {
            link.cut();
            simulation.tell(new Event.SessionStreams(number, false));
            simulation.after(millis, this::connect);
        }
    }

    /** Its completions stream breaks and is replaced at once; the submit stream stays. */
    private void replaceCompletions() {
        if (!simulation.knows(number)) {
            breakStreamsFor(10);
        } else if (!ended && !broken && !dead && link.up()) {
            link.loseWhatComes();
            simulation.tell(
                    new Event.SessionStreams(number, false, true, false),
                    new Event.SessionStreams(number, true),
                    new Event.CompletionsWanted(number, received));
        }
    }

    /** Its coordinator is gone. */
    void coordinatorLost() {
        link.cut();
        if (broken) {
            ended = true;
        }
        simulation.after(simulation.random.nextInt(2_500), this::connect);
    }

    private void die() {
        if (!ended && !simulation.calm) {
            dead = true;
            link.cut();
            simulation.tell(new Event.SessionStreams(number, false));
        }
    }

    // ------------------------------------------------------------------------------------------------ what it says

    private void sendMore() {
        List<Task> batch = new ArrayList<>();
        while (sentTasks < creditTasks) {
            if (waiting.isEmpty() && created == taskCount) {
                break;
            }
            long sequence = waiting.isEmpty() ? create() : waiting.first();
            Task task = pending.get(sequence);
            long bytes = creditBytes(task);
            if (sentBytes + bytes > creditBytes && !counted.isEmpty()) {
                waiting.add(sequence);
                break;
            }
            waiting.remove(sequence);
            neverSent.remove(sequence);
            counted.add(sequence);
            sentTasks++;
            sentBytes += bytes;
            batch.add(task.toBuilder()
                    .setAttemptsUsed(attemptsUsed.getOrDefault(sequence, 0))
                    .build());
        }
        if (!batch.isEmpty()) {
            link.toScheduler(new Event.TasksSubmitted(number, batch));
        }
        if (created == taskCount && waiting.isEmpty() && !closing) {
            closing = true;
            link.toScheduler(new Event.SessionClosing(number));
        }
    }

    private static long creditBytes(Task task) {
        return task.getPayload().hasReference()
                ? TaskState.REFERENCE_BYTES
                : task.getPayload().getInline().size();
    }

    private Payload payload(long sequence) {
        return movesLarge(sequence) && simulation.chance(0.8)
                ? simulation.newReference()
                : Payload.newBuilder()
                        .setInline(ByteString.copyFrom(new byte[simulation.random.nextInt(400)]))
                        .build();
    }

    private long create() {
        Task task = Task.newBuilder()
                .setSequence(++created)
                .setPriority(simulation.random.nextInt(10) == 0 ? simulation.random.nextInt(3) : 0)
                .setAttemptsAfterFailure(simulation.random.nextInt(3))
                .setAttemptsAfterHostLoss(simulation.random.nextInt(5))
                .setPayload(payload(created + 1))
                .build();
        pending.put(created, task);
        neverSent.add(created);
        permittedStarts.put(created, Math.max(hostLosses(task), failures(task)));
        return created;
    }

    private void cancelSome() {
        if (ended || dead || simulation.calm) {
            return;
        }
        if (created > 0) {
            long sequence = 1 + simulation.random.nextLong(created);
            if (pending.containsKey(sequence) && !neverSent.contains(sequence)) {
                cancelled.add(sequence);
                cancel(sequence);
            }
        }
        simulation.after(simulation.random.nextInt(100), this::cancelSome);
    }

    /** One that is wanted is answered with its cancel instead. */
    private void cancel(long sequence) {
        waiting.remove(sequence);
        link.toScheduler(new Event.CancelsRequested(
                number,
                List.of(Cancel.newBuilder()
                        .setSequence(sequence)
                        .setEvenIfRunning(sequence % 2 == 0)
                        .build())));
    }

    // ------------------------------------------------------------------------------------------------ what it hears

    private void receive(Decision decision) {
        if (decision instanceof Decision.Complete complete) {
            completed(complete);
        } else if (decision instanceof Decision.GrantCredit credit) {
            creditTasks = Math.max(creditTasks, credit.tasks());
            creditBytes = Math.max(creditBytes, credit.payloadBytes());
            sendMore();
        } else if (decision instanceof Decision.WantTasks want) {
            want.wanted().forEach(this::wanted);
            sendMore();
        } else if (decision instanceof Decision.RequestGrant request) {
            grant(request);
        } else if (decision instanceof Decision.OfferOutcome offer) {
            receipts.offered(offer);
        } else if (decision instanceof Decision.ReportRetry retry) {
            attemptsUsed.merge(retry.sequence(), retry.attemptsUsed(), Math::max);
        } else if (decision instanceof Decision.TellHosts told) {
            hosts = told.hosts();
        } else if (decision instanceof Decision.RenewSubmission) {
            breakStreamsFor(10);
        } else if (decision instanceof Decision.EndSession end) {
            if (end.expired()) {
                throw new AssertionError(id + " expired");
            }
            ended = true;
        } else if (decision instanceof Decision.BreakSession) {
            broken = true;
            pending.clear();
            waiting.clear();
            link.toScheduler(new Event.SessionEnded(number, false));
        } else if (decision instanceof Decision.RefuseSubmission refuse) {
            throw new AssertionError("refused within its credit: " + refuse.message());
        }
    }

    private void wanted(SequenceInterval interval) {
        for (long sequence = interval.getFirst(); sequence <= interval.getLast(); sequence++) {
            Task task = pending.get(sequence);
            if (task == null) {
                continue;
            }
            if (counted.remove(sequence)) {
                uncount(task);
            }
            if (cancelled.contains(sequence)) {
                cancel(sequence);
            } else {
                waiting.add(sequence);
            }
        }
    }

    private void uncount(Task task) {
        sentTasks--;
        sentBytes -= creditBytes(task);
    }

    private void grant(Decision.RequestGrant request) {
        if (wants(request.sequence())) {
            grants.put(
                    request.sequence(),
                    Grant.newBuilder()
                            .setEpoch(simulation.epoch)
                            .setHost(request.host())
                            .setIncarnation(request.incarnation())
                            .build());
            link.toScheduler(new Event.AttemptsGranted(number, List.of(request.attempt())));
        }
    }

    private void completed(Decision.Complete complete) {
        if (complete.number() != received + 1) {
            throw new AssertionError("completion " + complete.number() + " came after " + received);
        }
        received = complete.number();
        long sequence = complete.sequence();
        Task task = pending.remove(sequence);
        if (broken) {
            return;
        }
        if (task == null || done.put(sequence, complete.outcome()) != null) {
            throw new AssertionError("task " + sequence + " of " + id + " completed twice");
        }
        waiting.remove(sequence);
        if (counted.remove(sequence) && complete.uncounted()) {
            uncount(task);
        }
        check(task, complete);
        receipts.done(sequence);
        if (received % (1 + simulation.random.nextInt(20)) == 0 || pending.isEmpty()) {
            link.toScheduler(new Event.CompletionsAcknowledged(number, received));
        }
        sendMore();
    }

    private void check(Task task, Decision.Complete complete) {
        String name = "task " + complete.sequence() + " of " + id;
        int hostLosses = hostLosses(task);
        if (complete.attempts() > Math.max(hostLosses, failures(task))) {
            throw new AssertionError(name + " was started " + complete.attempts() + " times");
        }
        Outcome outcome = complete.outcome();
        Payload payload = SimulatedReceipts.payloadOf(outcome);
        if (payload.hasReference() && !receipts.hasArrived(complete.sequence(), payload)) {
            throw new AssertionError(name + " is done, and its outcome's payload has not arrived: " + complete);
        }
        boolean asked = cancelled.contains(complete.sequence());
        if (outcome.hasCancelled() && !asked) {
            throw new AssertionError(name + " was cancelled, and nobody asked for it");
        }
        Loss.Cause cause = outcome.getLoss().getCause();
        if (cause == Loss.Cause.HOST_LOST && complete.attempts() < hostLosses && !asked) {
            throw new AssertionError(name + " was given up after " + complete.attempts() + " of " + hostLosses);
        }
        if (cause == Loss.Cause.UNACCOUNTED && !grants.containsKey(complete.sequence())) {
            throw new AssertionError(name + " is unaccounted for, and never had a grant");
        }
    }

    private static int hostLosses(Task task) {
        return task.getAttemptsAfterHostLoss() == 0 ? 3 : task.getAttemptsAfterHostLoss();
    }

    private static int failures(Task task) {
        return task.getAttemptsAfterFailure() == 0 ? 1 : task.getAttemptsAfterFailure();
    }

    /** How often it had to open itself anew, at another coordinator or because it had expired. */
    int timesForgotten() {
        return opened - 1;
    }

    int permittedStarts(long sequence) {
        return permittedStarts.getOrDefault(sequence, 0);
    }

    // ------------------------------------------------------------------------------------------------ how it is

    void trouble(long millis) {
        troubledUntilMillis = Math.max(troubledUntilMillis, simulation.nowMillis + millis);
    }

    boolean troubled() {
        return simulation.nowMillis < troubledUntilMillis;
    }

    boolean done() {
        return ended || dead;
    }

    String state() {
        return id + " number " + number + " created " + created + " of " + taskCount + " done " + done.size()
                + " waiting "
                + waiting + " counted " + counted.size() + " link " + link.up() + " closing " + closing + " broken "
                + broken;
    }

    void checkTheEnd() {
        if (!broken && !dead && (!pending.isEmpty() || done.size() != taskCount)) {
            throw new AssertionError(id + " has " + done.size() + " of " + taskCount + " completions");
        }
    }
}

package io.farpool.coordinator.scheduling;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A client with some hundred tasks: submits within its credit, cancels some, acknowledges late, loses its streams,
 * closes.
 */
final class SimulatedClient {
    static final int LONGEST_TASK_MILLIS = 300;

    final int number;
    final SimulatedLink link;
    private final Simulation simulation;
    private final int maxWorkers;
    private final int taskCount;
    private final int taskMillis;
    private final Map<Long, Task> pending = new LinkedHashMap<>();
    private final Map<Long, Outcome> done = new LinkedHashMap<>();
    private final List<Long> cancelled = new ArrayList<>();
    private final boolean allAtOnce;
    private long submitted;
    private long submittedBytes;
    private long creditTasks;
    private long creditBytes;
    private long received;
    private boolean closing;
    private boolean ended;
    /** Its process does not come up on some host right now, so that it may wait although there is room. */
    private long troubledUntilMillis;

    private boolean broken;

    SimulatedClient(Simulation simulation, int number) {
        this.simulation = simulation;
        this.number = number;
        link = new SimulatedLink(simulation, this::receive);
        maxWorkers = simulation.chance(0.5) ? 0 : 1 + simulation.random.nextInt(6);
        taskCount = 1 + simulation.random.nextInt(simulation.chance(0.3) ? 1_000 : 60);
        taskMillis = simulation.chance(0.6) ? 2 : LONGEST_TASK_MILLIS;
        allAtOnce = simulation.chance(0.3);
    }

    int taskMillis() {
        return simulation.random.nextInt(taskMillis + 1);
    }

    void open() {
        simulation.tell(new Event.SessionOpened(number, "session-" + number, maxWorkers, allAtOnce));
        creditTasks = simulation.scheduler.creditTasks(number);
        creditBytes = simulation.scheduler.creditBytes(number);
        connect();
        if (simulation.chance(0.5)) {
            cancelSome();
        }
        if (simulation.chance(0.3)) {
            simulation.after(simulation.random.nextInt(2_000), this::breakStreams);
        }
    }

    private void connect() {
        if (simulation.scheduler.sessions().stream().noneMatch(session -> session.session() == number)) {
            // It ended while the streams were broken: for that, everything had been told.
            ended = true;
            return;
        }
        link.connect();
        simulation.tell(new Event.SessionStreams(number, true), new Event.CompletionsWanted(number, received));
        List<Task> again = List.copyOf(pending.values());
        link.toScheduler(new Event.TasksSubmitted(number, again));
        for (long sequence : cancelled) {
            cancel(sequence);
        }
        if (closing) {
            link.toScheduler(new Event.SessionClosing(number));
        }
        submitMore();
    }

    private void breakStreams() {
        if (ended || broken) {
            return;
        }
        link.cut();
        simulation.tell(new Event.SessionStreams(number, false));
        simulation.after(simulation.random.nextInt(3_000), () -> {
            if (!ended) {
                connect();
            }
        });
    }

    private void submitMore() {
        List<Task> batch = new ArrayList<>();
        while (submitted < taskCount && submitted < creditTasks) {
            int bytes = simulation.random.nextInt(400);
            boolean alone = pending.isEmpty();
            if (submittedBytes + bytes > creditBytes && !alone) {
                break;
            }
            Task task = Task.newBuilder()
                    .setSequence(++submitted)
                    .setPriority(simulation.random.nextInt(10) == 0 ? simulation.random.nextInt(3) : 0)
                    .setAttemptsAfterFailure(simulation.random.nextInt(3))
                    .setAttemptsAfterHostLoss(simulation.random.nextInt(5))
                    .setPayload(Payload.newBuilder().setInline(ByteString.copyFrom(new byte[bytes])))
                    .build();
            submittedBytes += bytes;
            pending.put(submitted, task);
            batch.add(task);
        }
        if (!batch.isEmpty()) {
            link.toScheduler(new Event.TasksSubmitted(number, batch));
        }
        if (submitted == taskCount && !closing) {
            closing = true;
            link.toScheduler(new Event.SessionClosing(number));
        }
    }

    private void cancelSome() {
        if (ended || simulation.calm) {
            return;
        }
        if (submitted > 0) {
            long sequence = 1 + simulation.random.nextLong(submitted);
            if (pending.containsKey(sequence)) {
                cancelled.add(sequence);
                cancel(sequence);
            }
        }
        simulation.after(simulation.random.nextInt(100), this::cancelSome);
    }

    private void cancel(long sequence) {
        link.toScheduler(new Event.CancelsRequested(
                number,
                List.of(Cancel.newBuilder()
                        .setSequence(sequence)
                        .setEvenIfRunning(sequence % 2 == 0)
                        .build())));
    }

    private void receive(Decision decision) {
        if (decision instanceof Decision.Complete complete) {
            completed(complete);
        } else if (decision instanceof Decision.GrantCredit credit) {
            creditTasks = Math.max(creditTasks, credit.tasks());
            creditBytes = Math.max(creditBytes, credit.payloadBytes());
            submitMore();
        } else if (decision instanceof Decision.EndSession end) {
            if (end.expired()) {
                throw new AssertionError("session " + number + " expired");
            }
            ended = true;
        } else if (decision instanceof Decision.BreakSession) {
            broken = true;
            pending.clear();
            link.toScheduler(new Event.SessionEnded(number, false));
        } else if (decision instanceof Decision.RefuseSubmission refuse) {
            throw new AssertionError("refused within its credit: " + refuse.message());
        }
    }

    private void completed(Decision.Complete complete) {
        if (complete.number() != received + 1) {
            throw new AssertionError("completion " + complete.number() + " came after " + received);
        }
        received = complete.number();
        Task task = pending.remove(complete.sequence());
        if (task == null || done.put(complete.sequence(), complete.outcome()) != null) {
            throw new AssertionError("task " + complete.sequence() + " of session " + number + " completed twice");
        }
        int hostLosses = task.getAttemptsAfterHostLoss() == 0 ? 3 : task.getAttemptsAfterHostLoss();
        int failures = task.getAttemptsAfterFailure() == 0 ? 1 : task.getAttemptsAfterFailure();
        if (complete.attempts() > Math.max(hostLosses, failures)) {
            throw new AssertionError("task " + complete.sequence() + " was started " + complete.attempts() + " times");
        }
        Outcome outcome = complete.outcome();
        if (outcome.hasCancelled() && !cancelled.contains(complete.sequence())) {
            throw new AssertionError("task " + complete.sequence() + " was cancelled, and nobody asked for it");
        }
        if (outcome.hasLoss()
                && outcome.getLoss().getCause() == Loss.Cause.HOST_LOST
                && complete.attempts() < hostLosses
                && !cancelled.contains(complete.sequence())) {
            throw new AssertionError("task " + complete.sequence() + " was given up after " + complete.attempts()
                    + " of " + hostLosses + " starts");
        }
        if (received % (1 + simulation.random.nextInt(20)) == 0 || pending.isEmpty()) {
            link.toScheduler(new Event.CompletionsAcknowledged(number, received));
        }
    }

    void trouble(long millis) {
        troubledUntilMillis = Math.max(troubledUntilMillis, simulation.nowMillis + millis);
    }

    boolean troubled() {
        return simulation.nowMillis < troubledUntilMillis;
    }

    boolean done() {
        return ended;
    }

    void checkTheEnd() {
        if (!broken && (!pending.isEmpty() || done.size() != taskCount)) {
            throw new AssertionError("session " + number + " has " + done.size() + " of " + taskCount + " completions");
        }
    }
}

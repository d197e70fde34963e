package io.farpool.bench.scale;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.scheduling.Decision;
import io.farpool.coordinator.scheduling.Event;
import io.farpool.coordinator.scheduling.Scheduler;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.Task;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The scheduling core alone, in a steady state: so many hosts, all slots taken, a queue that keeps its length. A turn ends some
 * tasks, on as many hosts, and submits as many. For one thread.
 */
public final class CoreLoop {
    private static final int SESSION = 1;
    /** Long enough that hosts are sent one task ahead, as most are in practice. */
    private static final long RUN_NANOS = 20_000_000;

    private static final Payload PAYLOAD =
            Payload.newBuilder().setInline(ByteString.copyFrom(new byte[64])).build();
    private static final Outcome OUTCOME =
            Outcome.newBuilder().setResult(PAYLOAD).setRunNanos(RUN_NANOS).build();

    private final Scheduler scheduler;
    private final ArrayDeque<Decision.Run> running = new ArrayDeque<>();
    private final List<Event> answers = new ArrayList<>();
    private long nowMillis = 1;
    private long sequence;
    private long completions;

    /** With so many hosts of so many slots, and so many tasks, those included that the hosts have. */
    public CoreLoop(int hosts, int slots, int tasks) {
        scheduler = new Scheduler(
                SchedulerSettings.defaults().withCredit(Long.MAX_VALUE / 4, Long.MAX_VALUE / 4),
                1,
                nowMillis,
                this::take);
        for (int i = 0; i < hosts; i++) {
            apply(new Event.HostAttached("host-" + i, 1, slots, List.of(), List.of()));
        }
        apply(new Event.SessionOpened(SESSION, "0".repeat(32), 0, false, false, List.of()));
        apply(new Event.SessionStreams(SESSION, true, true, true));
        apply(new Event.PendingTold(SESSION, List.of(), List.of()));
        apply(new Event.CompletionsWanted(SESSION, 0));
        settle();
        // A first task tells how long they take, before thousands are handed out.
        submit(1);
        turn(1);
        submit(tasks);
    }

    /** Tasks that hosts have. */
    public int running() {
        return running.size();
    }

    /** Ends so many tasks and submits as many, all together. Gives the number of completions so far. */
    public long turn(int tasks) {
        nowMillis++;
        for (int i = 0; i < tasks; i++) {
            Decision.Run run = running.remove();
            apply(new Event.AttemptsEnded(
                    run.host(),
                    List.of(AttemptOutcome.newBuilder()
                            .setAttempt(run.attempt())
                            .setOutcome(OUTCOME)
                            .build())));
        }
        submit(tasks);
        apply(new Event.CompletionsAcknowledged(SESSION, completions));
        settle();
        return completions;
    }

    private void submit(int tasks) {
        List<Task> submitted = new ArrayList<>(tasks);
        for (int i = 0; i < tasks; i++) {
            sequence++;
            submitted.add(
                    Task.newBuilder().setSequence(sequence).setPayload(PAYLOAD).build());
        }
        apply(new Event.TasksSubmitted(SESSION, submitted));
        settle();
    }

    private void apply(Event event) {
        scheduler.apply(event, nowMillis);
    }

    /** With what hosts say to what was decided, until there is nothing to say. */
    private void settle() {
        scheduler.settle(nowMillis);
        while (!answers.isEmpty()) {
            List<Event> said = List.copyOf(answers);
            answers.clear();
            said.forEach(this::apply);
            scheduler.settle(nowMillis);
        }
    }

    private void take(Decision decision) {
        if (decision instanceof Decision.Run run) {
            running.add(run);
        } else if (decision instanceof Decision.SetQuota quota) {
            answers.add(new Event.QuotasConfirmed(
                    quota.host(),
                    List.of(QuotaConfirmed.newBuilder()
                            .setSession(quota.session())
                            .setProcesses(quota.processes())
                            .setRevision(quota.revision())
                            .build())));
        } else if (decision instanceof Decision.Recall recall) {
            answers.add(new Event.AttemptsReturned(recall.host(), List.of(recall.attempt())));
            running.removeIf(run -> run.attempt() == recall.attempt());
        } else if (decision instanceof Decision.Complete complete) {
            completions = complete.number();
        }
    }
}

package io.farpool.coordinator.scheduling;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.AttemptStarted;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Tells a scheduler what happens, one thing after the other, and keeps what it decides. */
final class Script {
    static final long EPOCH = 5;
    private static final long MICROSECOND = 1_000;

    final Scheduler scheduler;
    final List<Decision> all = new ArrayList<>();
    /** What the last event led to. */
    final List<Decision> last = new ArrayList<>();

    long nowMillis;

    Script() {
        this(SchedulerSettings.defaults());
    }

    Script(SchedulerSettings settings) {
        scheduler = new Scheduler(settings, EPOCH, 0, decision -> {
            all.add(decision);
            last.add(decision);
        });
    }

    Script tell(Event... together) {
        last.clear();
        for (Event event : together) {
            scheduler.apply(event, nowMillis);
        }
        scheduler.settle(nowMillis);
        return this;
    }

    Script pass(long millis) {
        nowMillis += millis;
        return tell(new Event.TimePassed());
    }

    Script open(int session, int maxWorkers) {
        return open(session, maxWorkers, false);
    }

    Script open(int session, int maxWorkers, boolean allAtOnce) {
        return tell(
                new Event.SessionOpened(session, "session-" + session, maxWorkers, allAtOnce),
                new Event.SessionStreams(session, true));
    }

    Script attach(String host, int slots, AttemptHeld... held) {
        return tell(new Event.HostAttached(host, 1, slots, List.of(), List.of(held)));
    }

    /** Opens one that was open elsewhere, and has no streams yet. */
    Script resume(int session, String... knownHosts) {
        return tell(new Event.SessionOpened(session, "session-" + session, 0, false, true, List.of(knownHosts)));
    }

    /** Its streams come, and it says that these are pending. */
    Script pending(int session, PendingTask... tasks) {
        return tell(
                new Event.SessionStreams(session, true),
                new Event.CompletionsWanted(session, 0),
                new Event.PendingTold(
                        session,
                        Arrays.stream(tasks)
                                .map(task -> interval(task.getSequence(), task.getSequence()))
                                .toList(),
                        List.of(tasks)));
    }

    static PendingTask pending(long sequence) {
        return PendingTask.newBuilder().setSequence(sequence).build();
    }

    static SequenceInterval interval(long first, long last) {
        return SequenceInterval.newBuilder().setFirst(first).setLast(last).build();
    }

    /** Attaches a host that holds something of session 1 from another epoch, in two processes. */
    Script attachHolding(String host, AttemptHeld... held) {
        return attach(host, SessionHeld.newBuilder().setSessionId("session-1").setProcesses(2), held);
    }

    Script attach(String host, SessionHeld.Builder session, AttemptHeld... held) {
        return tell(new Event.HostAttached(host, 1, 2, List.of(session.build()), List.of(held)));
    }

    /** An attempt of session 1 from another epoch. */
    static AttemptHeld.Builder held(long sequence, long attempt) {
        return AttemptHeld.newBuilder()
                .setSessionId("session-1")
                .setSequence(sequence)
                .setEpoch(EPOCH - 1)
                .setAttempt(attempt)
                .setStartNumber(1);
    }

    static AttemptHeld running(long sequence, long attempt) {
        return held(sequence, attempt).setRunning(true).build();
    }

    static AttemptHeld ended(long sequence, long attempt) {
        return held(sequence, attempt)
                .setOutcome(AttemptOutcome.newBuilder().setAttempt(attempt).setOutcome(result(1)))
                .build();
    }

    /** Grants all that the last event asked for. */
    Script grant() {
        List<Decision.RequestGrant> requests = last(Decision.RequestGrant.class);
        return tell(new Event.AttemptsGranted(
                requests.get(0).session(),
                requests.stream().map(Decision.RequestGrant::attempt).toList()));
    }

    Script submit(int session, long from, long to) {
        return tell(new Event.TasksSubmitted(
                session, LongStream.rangeClosed(from, to).mapToObj(Script::task).toList()));
    }

    static Task task(long sequence) {
        return Task.newBuilder()
                .setSequence(sequence)
                .setPayload(Payload.newBuilder().setInline(ByteString.copyFromUtf8("task")))
                .build();
    }

    static Outcome result(long nanos) {
        return Outcome.newBuilder()
                .setResult(Payload.newBuilder().setInline(ByteString.copyFromUtf8("ok")))
                .setRunNanos(nanos)
                .build();
    }

    /** The attempt ends with a result after a millisecond. */
    Script finish(Decision.Run run) {
        return finish(run, result(1_000 * MICROSECOND));
    }

    Script finish(Decision.Run run, Outcome outcome) {
        return tell(new Event.AttemptsEnded(
                run.host(),
                List.of(AttemptOutcome.newBuilder()
                        .setAttempt(run.attempt())
                        .setOutcome(outcome)
                        .build())));
    }

    /** Everything that any host was told to run is heard to run. */
    Script startAll() {
        return tell(all(Decision.Run.class).stream().map(Script::started).toArray(Event[]::new));
    }

    static Event started(Decision.Run run) {
        return new Event.AttemptsStarted(
                run.host(),
                List.of(AttemptStarted.newBuilder().setAttempt(run.attempt()).build()));
    }

    Script confirm(Decision.SetQuota quota) {
        return tell(new Event.QuotasConfirmed(
                quota.host(),
                List.of(QuotaConfirmed.newBuilder()
                        .setSession(quota.session())
                        .setProcesses(quota.processes())
                        .setRevision(quota.revision())
                        .build())));
    }

    /** All of one kind that the last event led to. */
    <D extends Decision> List<D> last(Class<D> kind) {
        return last.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    <D extends Decision> List<D> all(Class<D> kind) {
        return all.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    SessionView session(int number) {
        return scheduler.sessions().stream()
                .filter(session -> session.session() == number)
                .findFirst()
                .orElseThrow();
    }
}

package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.scheduling.Decision.BreakSession;
import io.farpool.coordinator.scheduling.Decision.Complete;
import io.farpool.coordinator.scheduling.Decision.Recall;
import io.farpool.coordinator.scheduling.Decision.ReportRetry;
import io.farpool.coordinator.scheduling.Decision.RequestGrant;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.coordinator.scheduling.Decision.SetQuota;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.Task;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Hosts whose disks have no room for what tasks were submitted with. */
class NoRoomTest {
    private static final long GIB = 1L << 30;

    private final Script script = new Script();
    private final Set<Long> answered = new HashSet<>();

    private static Task large(long sequence, long bytes) {
        return Script.task(sequence).toBuilder()
                .setPayload(Payload.newBuilder()
                        .setReference(PayloadReference.newBuilder()
                                .setSizeBytes(bytes)
                                .setCrc32C(9)))
                .build();
    }

    private Script submit(Task... tasks) {
        return script.tell(new Event.TasksSubmitted(1, List.of(tasks)));
    }

    private static Outcome noRoom() {
        return Outcome.newBuilder()
                .setLoss(Loss.newBuilder().setCause(Loss.Cause.NO_ROOM).setMessage("no room in /tmp"))
                .build();
    }

    /** All that hosts have been told to run and that was not answered yet ends: as refused at these hosts if it is large. */
    private void answer(long largestBytes, String... fullHosts) {
        for (Run run : List.copyOf(script.all(Run.class))) {
            if (answered.add(run.attempt())) {
                boolean large = run.task().getPayload().getReference().getSizeBytes() > largestBytes;
                boolean full = Arrays.asList(fullHosts).contains(run.host());
                script.finish(run, large && full ? noRoom() : Script.result(1_000_000));
            }
        }
        confirmAll();
    }

    private void confirmAll() {
        List.copyOf(script.all(SetQuota.class)).forEach(script::confirm);
    }

    private void answerAndPass(int times, String... fullHosts) {
        for (int i = 0; i < times; i++) {
            answer(0, fullHosts);
            script.tell(new Event.HostHeard("full"), new Event.HostHeard("other"));
            script.pass(1_000);
        }
    }

    @Test
    void tasksThatAHostHasNoRoomForRunElsewhereAndHaveNotBeenStarted() {
        script.attach("full", 1).attach("other", 1).open(1, 0);
        submit(LongStream.rangeClosed(1, 12).mapToObj(i -> large(i, GIB)).toArray(Task[]::new));
        answerAndPass(60, "full");
        assertThat(script.all(Complete.class)).hasSize(12).allSatisfy(complete -> {
            assertThat(complete.outcome().hasResult()).isTrue();
            assertThat(complete.attempts()).isEqualTo(1);
        });
        assertThat(script.all(ReportRetry.class)).isEmpty();
        assertThat(script.all(RequestGrant.class)).isEmpty();
        assertThat(script.all(BreakSession.class)).isEmpty();
        script.tell(new Event.CompletionsAcknowledged(1, 12));
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    @Test
    void theOnlyStartOfATaskIsStillToCome() {
        script.attach("full", 1).open(1, 0);
        submit(large(1, GIB).toBuilder().setAttemptsAfterHostLoss(1).build());
        script.grant();
        answer(0, "full");
        assertThat(script.all(Complete.class)).isEmpty();
        script.attach("other", 1);
        assertThat(script.last(RequestGrant.class))
                .extracting(RequestGrant::host)
                .containsExactly("other");
        script.grant();
        assertThat(script.last(Run.class)).extracting(Run::startNumber).containsExactly(1);
        answer(0, "full");
        assertThat(script.all(Complete.class)).extracting(Complete::attempts).containsExactly(1);
    }

    @Test
    void whatNoHostHasRoomForFailsWithTheReasonAndNothingElseDoes() {
        script.attach("full", 1).attach("other", 1).open(1, 0);
        submit(large(1, GIB), Script.task(2), large(3, GIB), Script.task(4), large(5, GIB), Script.task(6));
        answerAndPass(60, "full", "other");
        assertThat(script.all(BreakSession.class)).isEmpty();
        assertThat(script.all(Complete.class)).hasSize(6).allSatisfy(complete -> {
            boolean isLarge = complete.sequence() % 2 == 1;
            assertThat(complete.outcome().getLoss().getCause() == Loss.Cause.NO_ROOM)
                    .isEqualTo(isLarge);
            assertThat(complete.attempts()).isEqualTo(isLarge ? 0 : 1);
        });
        assertThat(script.all(Complete.class).stream()
                        .filter(complete -> complete.sequence() == 1)
                        .findFirst()
                        .orElseThrow()
                        .outcome()
                        .getLoss()
                        .getMessage())
                .matches("the last one tried was host (full|other): no room in /tmp");
    }

    @Test
    void aHostThatWasNotTriedIsWaitedFor() {
        script.attach("full", 1).attach("other", 1).open(1, 0).submit(1, 1, 1);
        script.open(2, 0).submit(2, 1, 1); // each has a slot; the session's is made to be at the full host
        String elsewhere = script.all(Run.class).stream()
                .filter(run -> run.session() == 2)
                .map(Run::host)
                .findFirst()
                .orElseThrow();
        String full = elsewhere.equals("other") ? "full" : "other";
        submit(large(2, GIB));
        for (int i = 0; i < 40; i++) {
            List.copyOf(script.all(Run.class)).stream()
                    .filter(run -> run.host().equals(full) && answered.add(run.attempt()))
                    .forEach(run -> script.finish(
                            run, run.task().getPayload().hasReference() ? noRoom() : Script.result(1_000_000)));
            script.tell(new Event.HostHeard("full"), new Event.HostHeard("other"));
            script.pass(100);
        }
        assertThat(script.all(Complete.class)).extracting(Complete::sequence).containsExactly(1L);
        answerAndPass(5, full);
        assertThat(script.all(Complete.class))
                .filteredOn(complete -> complete.session() == 1)
                .hasSize(2)
                .allMatch(complete -> complete.outcome().hasResult());
    }

    @Test
    void whatIsThereIsLetBeWhenThereIsNoRoomForMore() {
        script.attach("full", 2).open(1, 0);
        submit(large(1, GIB), large(2, GIB));
        List<Run> runs = script.last(Run.class);
        for (int i = 0; i < 10; i++) {
            Run second = i == 0 ? runs.get(1) : script.last(Run.class).get(0);
            script.finish(second, noRoom());
            assertThat(script.last(Recall.class)).isEmpty();
            script.tell(new Event.HostHeard("full")).pass(1_000);
        }
        assertThat(script.all(Complete.class)).isEmpty();
        assertThat(script.all(SetQuota.class)).extracting(SetQuota::processes).doesNotContain(0);
        Run last = script.last(Run.class).get(0);
        script.finish(last, noRoom());
        script.finish(runs.get(0));
        assertThat(script.last(Run.class))
                .as("at once, since there is room now")
                .hasSize(1);
    }

    @Test
    void aLargerTaskThatFitsNowhereDoesNotHoldUpSmallerOnesForLong() {
        script.attach("full", 1).open(1, 0);
        submit(large(1, 100 * GIB), large(2, GIB), large(3, GIB), large(4, GIB));
        for (int i = 0; i < 60; i++) {
            answer(10 * GIB, "full");
            script.tell(new Event.HostHeard("full")).pass(1_000);
        }
        assertThat(script.all(Complete.class)).hasSize(4);
        assertThat(script.all(Complete.class))
                .filteredOn(complete -> !complete.outcome().hasResult())
                .extracting(Complete::sequence)
                .containsExactly(1L);
    }

    @Test
    void aCancelledTaskIsNotTriedElsewhere() {
        script.attach("full", 1).open(1, 0);
        submit(large(1, GIB));
        Run run = script.last(Run.class).get(0);
        script.tell(new Event.CancelsRequested(
                1,
                List.of(io.farpool.proto.v1.Cancel.newBuilder().setSequence(1).build())));
        script.finish(run, noRoom());
        assertThat(script.last(Complete.class))
                .extracting(complete -> complete.outcome().hasCancelled())
                .containsExactly(true);
    }

    @Test
    void aSessionWhoseProcessesDoNotStartBreaksAllTheSame() {
        script.attach("full", 1).open(1, 0);
        submit(large(1, GIB), Script.task(2));
        Run first = script.last(Run.class).get(0);
        script.tell(
                new Event.AttemptsEnded(
                        "full",
                        List.of(AttemptOutcome.newBuilder()
                                .setAttempt(first.attempt())
                                .setOutcome(noRoom())
                                .build())),
                new Event.TimePassed());
        for (int i = 0; i < 10 && script.all(BreakSession.class).isEmpty(); i++) {
            script.tell(new Event.HostHeard("full")).pass(8_000);
            confirmAll();
            script.tell(new Event.ProblemReported(
                    "full",
                    SessionProblem.newBuilder()
                            .setSession(1)
                            .setProcessNotReady(Loss.newBuilder().setMessage("it died"))
                            .build()));
        }
        assertThat(script.all(BreakSession.class)).hasSize(1);
    }
}

package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.TaskInfo;
import io.farpool.WorkerLostException;
import io.farpool.codec.Codec;
import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.Retry;
import io.farpool.wire.Protocol;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of a task's way. */
class TaskStoryTest extends DrivenCore {
    private static final Place FIRST = place("node-1", 11, 1);
    private static final Place SECOND = place("node-2", 22, 2);

    @Test
    void aTaskThatWentWellHasAShortOne() {
        TaskStory story = new TaskStory(1_000);
        assertThat(what(story)).containsExactly("submitted");
        assertThat(story.events().get(0).at().toEpochMilli()).isEqualTo(1_000);
        story.ended(Outcome.newBuilder()
                .setResult(Payload.getDefaultInstance())
                .setPlace(FIRST)
                .build());
        assertThat(what(story)).containsExactly("submitted", "done: returned, in node-1:11 (attempt 1)");
    }

    @Test
    void anAttemptHasNotEndedBeforeItStartedWhateverTheHostsClockShows() {
        long laterMillis = System.currentTimeMillis() + 3_600_000;
        TaskStory story = new TaskStory(1_000);
        story.ended(Outcome.newBuilder()
                .setResult(Payload.getDefaultInstance())
                .setPlace(FIRST.toBuilder().setStartedEpochMillis(laterMillis))
                .build());
        TaskInfo.Attempt attempt = story.attempts().get(0);
        assertThat(attempt.started()).isEqualTo(Instant.ofEpochMilli(laterMillis));
        assertThat(attempt.ended()).isEqualTo(attempt.started());
    }

    @Test
    void aLostTasksExceptionTellsAllOfIt() {
        TaskFuture<?> future = submit(1, 0);
        future.started(FIRST);
        future.started(FIRST); // again, by the next coordinator
        future.retried(Retry.newBuilder()
                .setAttemptsUsed(1)
                .setBecause(lost(FIRST, "its lease ran out"))
                .build());
        future.wanted();
        future.granted(Grant.newBuilder().setHost("node-2").build());
        future.started(SECOND);
        future.deliver(
                Completion.newBuilder()
                        .setOutcome(lost(SECOND, "killed"))
                        .setAttempts(2)
                        .build(),
                new PayloadCodec(new Codec(), new PayloadDirectory(), Protocol.MAX_INLINE_PAYLOAD_BYTES));
        assertThat(future.info().story())
                .extracting(TaskInfo.Event::what)
                .containsExactly(
                        "submitted",
                        "started in node-1:11 (attempt 1)",
                        "lost in node-1:11: its lease ran out; is tried again, 1 attempt used",
                        "is with no host after a lost connection; is sent again",
                        "may start on node-2, for the last time that its attempts allow",
                        "started in node-2:22 (attempt 2)",
                        "done: lost in node-2:22: killed");
        assertThat(future.info().attempts())
                .extracting(TaskInfo.Attempt::number)
                .containsExactly(1, 2);
        assertThat(future.exception()).isInstanceOf(WorkerLostException.class).satisfies(thrown -> {
            for (TaskInfo.Event event : future.info().story()) {
                assertThat(thrown.getMessage()).contains("\n  " + event);
            }
        });
    }

    @Test
    void itTellsWhenAnAttemptWasAssignedOnceForEach() {
        TaskStory story = new TaskStory(1_000);
        long beforeMillis = System.currentTimeMillis();
        story.started(assigned(FIRST));
        story.retried(Retry.newBuilder()
                .setAttemptsUsed(1)
                .setBecause(lost(assigned(FIRST), "gone"))
                .build());
        Place neverStarted = place("node-2", 0, 2);
        story.retried(Retry.newBuilder()
                .setAttemptsUsed(2)
                .setBecause(lost(assigned(neverStarted), "gone too"))
                .build());
        story.granted("node-3");
        story.started(assigned(place("node-3", 33, 3)));
        assertThat(what(story))
                .containsExactly(
                        "submitted",
                        "assigned to host node-1",
                        "started in node-1:11 (attempt 1)",
                        "lost in node-1:11: gone; is tried again, 1 attempt used",
                        "assigned to host node-2",
                        "lost in node-2: gone too; is tried again, 2 attempts used",
                        "may start on node-3, for the last time that its attempts allow",
                        "started in node-3:33 (attempt 3)");
        assertThat(story.events().get(1).at().toEpochMilli())
                .isBetween(beforeMillis - 500, System.currentTimeMillis() - 500);
    }

    @Test
    void itIsBoundedInEventsAndInTheirLength() {
        TaskStory story = new TaskStory(1_000);
        for (int attempt = 1; attempt <= 50; attempt++) {
            Outcome failed = Outcome.newBuilder()
                    .setFailure(Failure.newBuilder().setClassName("X").setMessage("m".repeat(10_000)))
                    .setPlace(place("node-1", attempt, attempt))
                    .build();
            story.started(failed.getPlace());
            story.retried(Retry.newBuilder()
                    .setAttemptsUsed(attempt)
                    .setBecause(failed)
                    .build());
        }
        assertThat(story.events()).hasSize(TaskStory.MAX_ENTRIES);
        assertThat(story.attempts()).hasSize(TaskStory.MAX_ENTRIES);
        assertThat(story.dropped()).isEqualTo(1 + 100 - TaskStory.MAX_ENTRIES);
        assertThat(story.lines()).startsWith("\n  (69 older events)").hasSizeLessThan(20_000);
        assertThat(story.attempts().get(31).number()).isEqualTo(50);
    }

    private static List<String> what(TaskStory story) {
        return story.events().stream().map(TaskInfo.Event::what).toList();
    }

    private static Place assigned(Place place) {
        return place.toBuilder().setAssignedMillisAgo(500).build();
    }

    private static Outcome lost(Place place, String message) {
        return Outcome.newBuilder()
                .setLoss(Loss.newBuilder().setCause(Loss.Cause.HOST_LOST).setMessage(message))
                .setPlace(place)
                .build();
    }

    private static Place place(String host, long pid, int attempt) {
        return Place.newBuilder().setHost(host).setPid(pid).setAttempt(attempt).build();
    }
}

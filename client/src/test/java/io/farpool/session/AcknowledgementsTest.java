package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.SubmitRequest;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a session tells its coordinator which completions have arrived. */
class AcknowledgementsTest extends DrivenCore {
    private static final int TASKS = 2 * Acknowledgements.MOST_WAITING;

    @BeforeEach
    void open() {
        open(2 * TASKS, 1 << 20);
        for (int i = 0; i < TASKS; i++) {
            submitAndForget(1, 0);
        }
        core.flush();
        sent.clear();
    }

    private void complete(long number) {
        arrive(CompletionsResponse.newBuilder()
                .addCompletions(result(number, number))
                .build());
        core.flush();
    }

    private List<Long> acknowledged() {
        return sent.stream()
                .map(SubmitRequest::getAcknowledged)
                .filter(number -> number > 0)
                .toList();
    }

    @Test
    void severalAreToldTogetherAfterAWhile() {
        complete(1);
        complete(2);
        complete(3);
        assertThat(sent).isEmpty();
        assertThat(waits).as("one for all of them").isEqualTo(1);
        core.acknowledge();
        core.flush();
        assertThat(acknowledged()).containsExactly(3L);
        complete(4);
        assertThat(waits).isEqualTo(2);
    }

    @Test
    void theyGoWithTheNextTask() {
        complete(1);
        submitAndForget(1, 0);
        core.flush();
        assertThat(sent).singleElement().satisfies(request -> {
            assertThat(request.getTasksCount()).isEqualTo(1);
            assertThat(request.getAcknowledged()).isEqualTo(1);
        });
        core.acknowledge();
        core.flush();
        assertThat(sent).as("nothing is left to tell when the wait ends").hasSize(1);
    }

    @Test
    void oneThatIsSentTwiceIsToldOnce() {
        complete(1);
        complete(1);
        core.acknowledge();
        core.flush();
        core.flush();
        assertThat(finished).hasSize(1);
        assertThat(acknowledged()).containsExactly(1L);
    }

    @Test
    void manyAreToldAtOnce() {
        for (long number = 1; number < Acknowledgements.MOST_WAITING; number++) {
            complete(number);
        }
        assertThat(sent).isEmpty();
        complete(Acknowledgements.MOST_WAITING);
        assertThat(acknowledged()).containsExactly((long) Acknowledgements.MOST_WAITING);
    }

    @Test
    void soIsALargeResult() {
        completeWith(Outcome.newBuilder().setResult(large()));
        assertThat(acknowledged()).containsExactly(1L);
    }

    @Test
    void soIsAFailureWithALargeException() {
        completeWith(Outcome.newBuilder().setFailure(Failure.newBuilder().setException(large())));
        assertThat(acknowledged()).containsExactly(1L);
    }

    private static Payload large() {
        return Payload.newBuilder()
                .setInline(ByteString.copyFrom(new byte[(int) Acknowledgements.MOST_WAITING_BYTES]))
                .build();
    }

    private void completeWith(Outcome.Builder outcome) {
        arrive(CompletionsResponse.newBuilder()
                .addCompletions(
                        Completion.newBuilder().setNumber(1).setSequence(1).setOutcome(outcome))
                .build());
        core.flush();
    }

    @Test
    void theLastOneOfASessionThatClosesDoesNotWait() {
        complete(1);
        core.closeWhenDone();
        core.flush();
        assertThat(acknowledged()).as("with the word that it closes").containsExactly(1L);
        complete(2);
        assertThat(acknowledged()).containsExactly(1L);
        for (long number = 3; number < TASKS; number++) {
            complete(number);
        }
        assertThat(acknowledged()).doesNotContain((long) TASKS - 1);
        complete(TASKS);
        assertThat(acknowledged()).endsWith((long) TASKS);
    }

    @Test
    void aNewStreamIsToldAnew() {
        complete(1);
        core.acknowledge();
        core.flush();
        breakStreams();
        open(true, EPOCH, 2 * TASKS, 1 << 20);
        assertThat(acknowledged()).containsExactly(1L);
    }
}

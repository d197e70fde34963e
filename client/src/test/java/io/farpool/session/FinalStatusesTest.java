package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FinalStatusesTest {
    @Test
    void aCoordinatorThatIsSlowWithFilesIsNotSaidToBeAway() {
        IOException slow = new IOException(
                "the coordinator has not said in time what it has", Status.DEADLINE_EXCEEDED.asRuntimeException());

        assertThat(FinalStatuses.notOpened("there:7077", 10_000, slow))
                .hasMessage("cannot open a session at there:7077: the coordinator has not said in time what it has")
                .hasCause(slow);
    }

    @Test
    void oneThatDoesNotAnswerIsSaidToBeAway() {
        assertThat(FinalStatuses.notOpened(
                        "there:7077",
                        10_000,
                        Status.DEADLINE_EXCEEDED.withDescription("silence").asRuntimeException()))
                .hasMessage("no coordinator answers at there:7077 (tried for 10000 ms): DEADLINE_EXCEEDED: silence; is"
                        + " 'farpool coordinator' running there?");
    }
}

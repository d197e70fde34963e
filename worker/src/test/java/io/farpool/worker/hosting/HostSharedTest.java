package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.SharedReleased;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shared values: who asks for them, and who forgets them. */
class HostSharedTest extends HostStage {
    private static final Digest DIGEST = Digest.newBuilder()
            .setSha256(ByteString.copyFrom(new byte[32]))
            .setSizeBytes(5)
            .build();

    private static Order.Builder release(int session) {
        return Order.newBuilder()
                .addSharedReleased(
                        SharedReleased.newBuilder().setSession(session).addDigests(DIGEST));
    }

    @Test
    void whatAProcessWantsIsFetchedForItsSession() {
        ready(1, 1);
        run(1, 1);
        say(1, FromProcess.newBuilder().addBlobsWanted(DIGEST));
        assertThat(taken(HostDecision.FetchShared.class))
                .containsExactly(new HostDecision.FetchShared("s1", 1, DIGEST));
        say(99, FromProcess.newBuilder().addBlobsWanted(DIGEST));
        assertThat(taken(HostDecision.FetchShared.class)).isEmpty();
    }

    @Test
    void whatIsReleasedIsForgottenByTheSessionsProcesses() {
        ready(1, 1);
        open(2, 1);
        order(release(1));
        assertThat(taken(HostDecision.ReleaseShared.class))
                .containsExactly(new HostDecision.ReleaseShared("s1", List.of(DIGEST)));
        assertThat(sendsTo(1)).hasSize(1);
        assertThat(sendsTo(1).get(0).getForgetList()).containsExactly(DIGEST);
    }

    @Test
    void aSessionThatIsNotHereReleasesNothing() {
        ready(1, 1);
        order(release(7));
        assertThat(taken(HostDecision.ReleaseShared.class)).isEmpty();
        assertThat(sends()).isEmpty();
    }

    @Test
    void aProcessThatHasNotSaidHelloHasNothingToForget() {
        attach();
        open(1, 1);
        run(1, 1);
        resolve(1);
        assertThat(launched()).containsExactly(1L);
        order(release(1));
        assertThat(sends()).isEmpty();
        assertThat(taken(HostDecision.ReleaseShared.class)).hasSize(1);
    }
}

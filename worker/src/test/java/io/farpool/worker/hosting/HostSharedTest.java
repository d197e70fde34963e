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
    private static final Digest DIGEST = digest(5_000);

    private static Digest digest(int sizeBytes) {
        return Digest.newBuilder()
                .setSha256(ByteString.copyFrom(new byte[32]))
                .setSizeBytes(sizeBytes)
                .build();
    }

    private static Order.Builder release(int session) {
        return release(session, DIGEST);
    }

    private static Order.Builder release(int session, Digest digest) {
        return Order.newBuilder()
                .addSharedReleased(
                        SharedReleased.newBuilder().setSession(session).addDigests(digest));
    }

    @Test
    void whatAProcessWantsIsFetchedForItsSession() {
        ready(1, 1);
        run(1, 1);
        say(1, FromProcess.newBuilder().addBlobsWanted(DIGEST));
        assertThat(taken(HostDecision.FetchShared.class))
                .containsExactly(new HostDecision.FetchShared("s1", 1, DIGEST, true));
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

    /** Has the first process want it, and gives whether it is to be kept. */
    private boolean wantedToKeep(Digest digest) {
        say(1, FromProcess.newBuilder().addBlobsWanted(digest));
        return taken(HostDecision.FetchShared.class).get(0).keep();
    }

    @Test
    void whatIsReadAfterItsReleaseIsNotKeptUnlessItWasSharedAgain() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, 1, 2);
        order(release(1));
        run(1, 3);
        assertThat(wantedToKeep(DIGEST)).as("by what runs on").isFalse();
        assertThat(wantedToKeep(digest(7))).as("another value").isTrue();
        ended(1, 2, 2 * MICROSECOND);
        ended(1, 3, 2 * MICROSECOND);
        assertThat(wantedToKeep(DIGEST)).as("by a task that was sent later").isTrue();
        ended(1, 4, 2 * MICROSECOND);
        assertThat(wantedToKeep(DIGEST)).isTrue();
    }

    @Test
    void onlySoManyReleasedValuesAreRememberedOfAProcess() {
        ready(1, 1);
        run(1, 1);
        order(release(1));
        for (int i = 1; i < HostedProcess.MOST_RELEASED; i++) {
            order(release(1, digest(i)));
        }
        assertThat(wantedToKeep(DIGEST)).isFalse();
        order(release(1, digest(HostedProcess.MOST_RELEASED)));
        assertThat(wantedToKeep(DIGEST)).isTrue();
        assertThat(wantedToKeep(digest(1))).isFalse();
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

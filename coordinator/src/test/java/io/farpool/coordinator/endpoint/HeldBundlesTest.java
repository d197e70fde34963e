package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.BlobsInADirectory;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.coordinator.scheduling.Event;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whose class paths are held, while sessions are opened. What looks for blobs, and the core, take the steps that the test gives
 * them, on its own thread.
 */
class HeldBundlesTest {
    private static final TestSession SESSION = new TestSession('a', 1);
    private static final TestSession OTHER = new TestSession('b', 1);
    private static final long LEASE_MILLIS = 1_000;

    @TempDir
    Path directory;

    private final Queue<Runnable> disk = new ArrayDeque<>();
    private long nowMillis = 1;
    private BlobsInADirectory blobs;
    private Switchboard switchboard;
    private SerialQueue<Runnable> queue;
    private PoolEndpoint pool;

    @BeforeEach
    void start() throws IOException {
        blobs = new BlobsInADirectory(directory);
        switchboard = new Switchboard(
                EndpointSettings.defaults().withMost(1, 1),
                SchedulerSettings.defaults().withLeases(LEASE_MILLIS, LEASE_MILLIS, LEASE_MILLIS),
                1,
                blobs.forSessions(),
                () -> nowMillis);
        queue = new SerialQueue<>(switchboard, Runnable::run);
        pool = new PoolEndpoint(switchboard, queue, blobs.forSessions(), disk::add);
    }

    @AfterEach
    void stop() {
        blobs.close();
    }

    private static OpenRequest.Builder open(TestSession session, Digest jar) {
        return session.open()
                .setBundle(Bundle.newBuilder()
                        .addEntries(BundleEntry.newBuilder().setName("app.jar").setDigest(jar)));
    }

    private Received<OpenResponse> begin(OpenRequest.Builder request) {
        Received<OpenResponse> response = new Received<>();
        pool.open(request.build(), response);
        return response;
    }

    /** Looks for the blobs of the call that has waited longest for it. */
    private void look() {
        disk.remove().run();
    }

    private Status open(OpenRequest.Builder request) {
        Received<OpenResponse> response = begin(request);
        look();
        return response.ended();
    }

    private void letLeasesRunOut() {
        nowMillis += LEASE_MILLIS;
        switchboard.tell(new Event.TimePassed());
    }

    @Test
    void aSessionHoldsItsClassPathUntilItEnds() throws IOException {
        Digest jar = blobs.store((byte) 1);
        assertThat(open(open(SESSION, jar))).isEqualTo(Status.OK);
        assertThat(open(open(SESSION, jar))).as("again").isEqualTo(Status.OK);
        assertThat(blobs.isHeld(jar)).isTrue();
        queue.post(this::letLeasesRunOut);
        assertThat(blobs.isHeld(jar)).isFalse();
    }

    @Test
    void aSessionWhoseLeaseRunsOutWhileItIsOpenedAgainHoldsItsClassPath() throws IOException {
        Digest jar = blobs.store((byte) 1);
        assertThat(open(open(SESSION, jar))).isEqualTo(Status.OK);
        Received<OpenResponse> again = begin(open(SESSION, jar).setResuming(true));
        queue.post(() -> {
            look(); // what comes of it is behind this event
            letLeasesRunOut();
        });
        assertThat(again.ended()).isEqualTo(Status.OK);
        assertThat(blobs.isHeld(jar)).isTrue();
        queue.post(this::letLeasesRunOut);
        assertThat(blobs.isHeld(jar)).isFalse();
    }

    @Test
    void anOpenThatIsRefusedTakesNothingFromAnotherOfTheSameSession() throws IOException {
        Digest jar = blobs.store((byte) 1);
        begin(OTHER.open()); // there may be no more than this one
        Received<OpenResponse> first = begin(open(SESSION, jar));
        Received<OpenResponse> second = begin(open(SESSION, jar));
        queue.post(() -> {
            look();
            queue.post(this::letLeasesRunOut);
            look();
        });
        assertThat(first.ended().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(second.ended()).isEqualTo(Status.OK);
        assertThat(blobs.isHeld(jar)).isTrue();
    }

    @Test
    void anOpenWithAnothersSessionHoldsNothing() throws IOException {
        Digest jar = blobs.store((byte) 1);
        Digest foreign = blobs.store((byte) 2);
        assertThat(open(open(SESSION, jar))).isEqualTo(Status.OK);
        Status forged =
                open(open(SESSION, foreign).setSessionSecret(ByteString.copyFromUtf8("somebody else's secret")));
        assertThat(forged.getCode()).isEqualTo(Code.PERMISSION_DENIED);
        assertThat(blobs.isHeld(foreign)).isFalse();
        assertThat(blobs.isHeld(jar)).isTrue();
    }

    @Test
    void anOpenThatIsRefusedHoldsNothing() throws IOException {
        Digest jar = blobs.store((byte) 1);
        Digest missing = jar.toBuilder().setSizeBytes(5).build();
        OpenRequest.Builder incomplete = open(SESSION, jar);
        incomplete
                .getBundleBuilder()
                .addEntries(BundleEntry.newBuilder().setName("lib.jar").setDigest(missing));
        assertThat(open(incomplete).getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(blobs.isHeld(jar)).isFalse();

        begin(OTHER.open());
        assertThat(open(open(SESSION, jar)).getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(blobs.isHeld(jar)).isFalse();

        Received<OpenResponse> late = begin(open(SESSION, jar));
        queue.post(switchboard::shutDown);
        look();
        assertThat(late.ended().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(blobs.isHeld(jar)).isFalse();
    }
}

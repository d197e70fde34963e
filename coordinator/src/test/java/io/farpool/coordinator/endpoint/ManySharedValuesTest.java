package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.Coordinator;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.EchoHost;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session that shares, and releases, as many values as it can say. */
@Timeout(60)
class ManySharedValuesTest {
    private final Coordinator coordinator = Coordinator.create(CoordinatorSettings.defaults());
    private TestSession session = new TestSession('a', 0);

    @BeforeEach
    void open() {
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(session.open().build(), response);
        assertThat(response.ended()).isEqualTo(Status.OK);
        session = session.in(response.messages().get(0).getEpoch());
    }

    @AfterEach
    void close() {
        coordinator.close();
    }

    private static List<Digest> digests(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Digest.newBuilder()
                        .setSha256(ByteString.copyFrom(
                                ByteBuffer.allocate(32).putInt(i).array()))
                        .setSizeBytes(1)
                        .build())
                .toList();
    }

    @Test
    void sharingTooMuchLeavesTheSessionAsItWas() throws InterruptedException {
        Received<SubmitResponse> refused = new Received<>();
        coordinator
                .pool()
                .submit(refused)
                .onNext(session.first()
                        .addAllShared(digests(Switchboard.MAX_SHARED + 1))
                        .build());
        assertThat(refused.awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(refused.awaitEnd().getDescription())
                .isEqualTo("a session may share at most 100000 values at once, not 100001");
        Received<SubmitResponse> end = new Received<>();
        StreamObserver<SubmitRequest> submit = coordinator.pool().submit(end);
        submit.onNext(
                session.first().addAllShared(digests(Switchboard.MAX_SHARED)).build());
        submit.onNext(SubmitRequest.newBuilder().addAllShared(digests(1_000)).build());
        assertThat(end.ended()).isNull();
    }

    @Test
    void manyReleasedValuesAreToldInMessagesThatAHostTakes() throws InterruptedException {
        EchoHost host = EchoHost.attach(coordinator.hosts()::attach, "h", 1);
        Received<CompletionsResponse> completions = new Received<>();
        coordinator.pool().completions(session.completions(0), completions);
        StreamObserver<SubmitRequest> submit = coordinator.pool().submit(new Received<>());
        submit.onNext(session.first()
                .addAllShared(digests(Switchboard.MAX_SHARED))
                .addTasks(TestSession.task(1))
                .build());
        completions.await("a completion", all -> TestSession.completions(all).size() == 1);
        // Most of these the session has never shared: the request is as large as a message may be.
        List<Digest> released = digests(4 * Switchboard.MAX_SHARED);
        submit.onNext(SubmitRequest.newBuilder().addAllSharedReleased(released).build());
        assertThat(host.messages().stream()
                        .flatMap(order -> order.getSharedReleasedList().stream())
                        .flatMap(some -> some.getDigestsList().stream())
                        .toList())
                .isEqualTo(released);
        assertThat(host.messages()).extracting(Order::getSerializedSize).allSatisfy(size -> assertThat(size)
                .isLessThan(2 * Protocol.BATCH_BYTES));
    }
}

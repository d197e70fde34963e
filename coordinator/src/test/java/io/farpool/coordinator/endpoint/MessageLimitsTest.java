package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.farpool.coordinator.Coordinator;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.EchoHost;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.Capabilities;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.EnvironmentVariable;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import io.grpc.Status.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What would make a message larger than the next hop takes is refused when it comes, and ends nobody else's stream. */
@Timeout(60)
class MessageLimitsTest {
    private static final int MEBIBYTE = 1 << 20;

    private final Coordinator coordinator = Coordinator.create(CoordinatorSettings.defaults());

    @AfterEach
    void close() {
        coordinator.close();
    }

    private Status opening(OpenRequest.Builder request) throws InterruptedException {
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(request.build(), response);
        return response.awaitEnd();
    }

    private TestSession opened(OpenRequest.Builder request) {
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(request.build(), response);
        assertThat(response.ended()).isEqualTo(Status.OK);
        return new TestSession('a', response.messages().get(0).getEpoch());
    }

    private static OpenRequest.Builder session() {
        return new TestSession('a', 0).open();
    }

    private static ProcessSpec.Builder process() {
        return ProcessSpec.newBuilder().setMainClass("Main");
    }

    private static UnknownFieldSet unknown(int bytes) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        1_000,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFrom(new byte[bytes]))
                                .build())
                .build();
    }

    private Status submitted(TestSession session, Task.Builder task) throws InterruptedException {
        Received<SubmitResponse> response = new Received<>();
        coordinator
                .pool()
                .submit(response)
                .onNext(session.first().addTasks(task).build());
        return response.awaitEnd();
    }

    @Test
    void aTaskThatNoFrameWouldHoldIsRefused() throws InterruptedException {
        EchoHost host = EchoHost.attach(coordinator.hosts()::attach, "h", 1);
        TestSession session = opened(session());
        Task task = TestSession.task(1);
        Status name = submitted(session, task.toBuilder().setName("n".repeat(9 * MEBIBYTE)));
        assertThat(name.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(name.getDescription()).isEqualTo("the name of task 1 must have at most 200 characters, not 9437184");
        Status other = submitted(session, task.toBuilder().setUnknownFields(unknown(2 * MEBIBYTE)));
        assertThat(other.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(other.getDescription()).startsWith("task 1 must have at most 1179648 bytes, not 2097");
        assertThat(host.runs()).isEmpty();
        assertThat(host.ended()).isNull();
    }

    @Test
    void aSessionThatNoOrderWouldHoldIsRefused() throws InterruptedException {
        String large = "x".repeat(3 * MEBIBYTE);
        for (ProcessSpec.Builder process : new ProcessSpec.Builder[] {
            process().setMainClass(large),
            process().addJvmOptions(large),
            process().addEnvironment(EnvironmentVariable.newBuilder().setValue(large)),
            process().setWorkingDirectory(large),
            process().setJavaHome(large),
            process().setUnknownFields(unknown(3 * MEBIBYTE))
        }) {
            Status status = opening(session().setProcess(process));
            assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
            assertThat(status.getDescription()).startsWith("process must have at most 2162688 bytes, not 3145");
        }
        Status names = opening(session().setBundle(bundle(5_000, 2_000)));
        assertThat(names.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(names.getDescription()).startsWith("bundle must have at most 8388608 bytes, not 10");
        assertThat(opening(session().setClientVersion("v".repeat(201))).getDescription())
                .isEqualTo("client_version must have at most 200 characters, not 201");
        assertThat(opening(session().setSessionSecret(ByteString.copyFrom(new byte[1_025])))
                        .getDescription())
                .isEqualTo("session_secret must have at most 1,024 bytes, not 1025");
    }

    private static Bundle bundle(int entries, int nameLength) {
        Bundle.Builder bundle = Bundle.newBuilder();
        for (int i = 0; i < entries; i++) {
            bundle.addEntries(BundleEntry.newBuilder().setName("n".repeat(nameLength)));
        }
        return bundle.build();
    }

    @Test
    void whatIsNotRefusedFitsIntoAnOrderAndAFrame() throws InterruptedException {
        ByteString payload = ByteString.copyFrom(new byte[Protocol.MAX_INLINE_PAYLOAD_BYTES]);
        TestSession session = opened(session()
                .setName("ü".repeat(200))
                .setProcess(process()
                        .addJvmOptions("x".repeat(MEBIBYTE - 1_000))
                        .setInitializer(Payload.newBuilder().setInline(payload)))
                .setBundle(bundle(4_000, 2_000)));
        SubmitRequest.Builder first = session.first();
        for (int i = 1; i <= 5; i++) {
            first.addTasks(TestSession.task(i).toBuilder()
                    .setName("ü".repeat(200))
                    .setPayload(Payload.newBuilder().setInline(payload)));
        }
        Received<CompletionsResponse> completions = new Received<>();
        coordinator.pool().completions(session.completions(0), completions);
        coordinator.pool().submit(new Received<>()).onNext(first.build());
        EchoHost host = EchoHost.attach(coordinator.hosts()::attach, "h", 2);
        completions.await("5 completions", come -> TestSession.completions(come).size() == 5);
        assertThat(host.messages()).extracting(Order::getSerializedSize).allSatisfy(size -> assertThat(size)
                .isLessThan(Protocol.MAX_MESSAGE_BYTES));
        assertThat(host.runs())
                .extracting(run -> run.getTask().getSerializedSize())
                .allSatisfy(size -> assertThat(size + Protocol.BATCH_BYTES).isLessThan(Protocol.MAX_FRAME_BYTES));
    }

    @Test
    void aHostThatSaysTooMuchOfItselfIsRefused() throws InterruptedException {
        Received<Order> orders = new Received<>();
        coordinator
                .hosts()
                .attach(orders)
                .onNext(Report.newBuilder()
                        .setHello(EchoHost.hello("h", 1).toBuilder()
                                .setCapabilities(Capabilities.newBuilder().setJdk("j".repeat(MEBIBYTE))))
                        .build());
        assertThat(orders.awaitEnd().getDescription())
                .startsWith("capabilities must have at most 65536 bytes, not 10485");
    }
}

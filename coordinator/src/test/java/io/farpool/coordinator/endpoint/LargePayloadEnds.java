package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.Coordinator;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.EchoHost;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.OutcomeOffer;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadChunk;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SendRequest;
import io.farpool.proto.v1.SendResponse;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;

/** A coordinator with a session and hosts that move large payloads, with the other ends joined to it directly. */
abstract class LargePayloadEnds {
    static final Payload REFERENCE = Payload.newBuilder()
            .setReference(PayloadReference.newBuilder().setSizeBytes(10).setCrc32C(1))
            .build();

    final Coordinator coordinator = Coordinator.create(CoordinatorSettings.defaults());
    final TestSession session = open(coordinator, new TestSession('a', 0).open());
    final Received<SubmitResponse> end = new Received<>();
    Received<CompletionsResponse> completions = new Received<>();
    StreamObserver<SubmitRequest> submit = coordinator.pool().submit(end);

    /** A host that does what the test says. */
    final class Host extends Received<Order> {
        final StreamObserver<Report> reports = coordinator.hosts().attach(this);

        Host attach(long incarnation) {
            hello(incarnation);
            reports.onNext(Report.newBuilder().setStateComplete(true).build());
            return this;
        }

        void hello(long incarnation) {
            reports.onNext(Report.newBuilder()
                    .setHello(EchoHost.hello("h", 2).toBuilder().setIncarnation(incarnation))
                    .build());
        }

        Run run() throws InterruptedException {
            return await("a run", orders -> orders.stream().anyMatch(order -> order.getRunsCount() > 0)).stream()
                    .flatMap(order -> order.getRunsList().stream())
                    .findFirst()
                    .orElseThrow();
        }

        void end(long attempt, Outcome outcome) {
            reports.onNext(Report.newBuilder()
                    .addOutcomes(AttemptOutcome.newBuilder().setAttempt(attempt).setOutcome(outcome))
                    .build());
        }

        PayloadWanted wanted() throws InterruptedException {
            return await("a payload that is wanted", orders -> orders.stream()
                            .anyMatch(order -> order.getPayloadsWantedCount() > 0))
                    .stream()
                    .flatMap(order -> order.getPayloadsWantedList().stream())
                    .findFirst()
                    .orElseThrow();
        }
    }

    @AfterEach
    void close() {
        coordinator.close();
    }

    static TestSession open(Coordinator coordinator, OpenRequest.Builder request) {
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(request.build(), response);
        assertThat(response.ended()).isEqualTo(Status.OK);
        return new TestSession('a', response.messages().get(0).getEpoch());
    }

    void stream() {
        completions = new Received<>();
        coordinator.pool().completions(session.completions(0), completions);
    }

    void submit(Payload payload) {
        stream();
        submit.onNext(session.first()
                .addTasks(TestSession.task(1).toBuilder().setPayload(payload))
                .build());
    }

    CompletionsResponse told(String what, Predicate<CompletionsResponse> matches) throws InterruptedException {
        return completions.await(what, all -> all.stream().anyMatch(matches)).stream()
                .filter(matches)
                .findFirst()
                .orElseThrow();
    }

    OutcomeOffer offer() throws InterruptedException {
        return told("an offer", one -> one.getOffersCount() > 0).getOffers(0);
    }

    PayloadWanted wanted() throws InterruptedException {
        return told("a payload that is wanted", one -> one.getPayloadsWantedCount() > 0)
                .getPayloadsWanted(0);
    }

    static Outcome result() {
        return Outcome.newBuilder().setResult(REFERENCE).build();
    }

    ReceiveRequest.Builder result(long attempt) {
        return ReceiveRequest.newBuilder()
                .setSessionId(session.id())
                .setSequence(1)
                .setResult(ReceiveRequest.Result.newBuilder()
                        .setSecret(session.first().getSecret())
                        .setEpoch(session.first().getEpoch())
                        .setAttempt(attempt));
    }

    ReceiveRequest.Builder argument(long sequence, long incarnation) {
        return ReceiveRequest.newBuilder()
                .setSessionId(session.id())
                .setSequence(sequence)
                .setArgument(ReceiveRequest.Argument.newBuilder()
                        .setHost("h")
                        .setIncarnation(incarnation)
                        .setSecret(EchoHost.SECRET));
    }

    Received<PayloadChunk> receive(ReceiveRequest.Builder request) {
        Received<PayloadChunk> chunks = new Received<>();
        coordinator.payloads().receive(request.build(), chunks);
        return chunks;
    }

    Status refused(ReceiveRequest.Builder request) throws InterruptedException {
        return receive(request).awaitEnd();
    }

    Status send(PayloadWanted wanted, String content) throws InterruptedException {
        Received<SendResponse> response = new Received<>();
        StreamObserver<SendRequest> requests = coordinator.payloads().send(response);
        requests.onNext(SendRequest.newBuilder()
                .setTransfer(wanted.getTransfer())
                .setData(ByteString.copyFromUtf8(content))
                .build());
        requests.onCompleted();
        return response.awaitEnd();
    }

    static void assertCame(Received<PayloadChunk> chunks, String content) throws InterruptedException {
        assertThat(chunks.awaitEnd()).isEqualTo(Status.OK);
        assertThat(chunks.messages().get(0).getData().toStringUtf8()).isEqualTo(content);
    }
}

package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.Coordinator;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.EchoHost;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.OutcomeOffer;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionBroken;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** References to large payloads in messages: which are refused, and what becomes of them. */
@Timeout(60)
class PayloadReferencesTest extends LargePayloadEnds {
    private Status refusedTask(Coordinator at, TestSession in, Payload payload) throws InterruptedException {
        Received<SubmitResponse> refused = new Received<>();
        at.pool()
                .submit(refused)
                .onNext(in.first()
                        .addTasks(TestSession.task(1).toBuilder().setPayload(payload))
                        .build());
        return refused.awaitEnd();
    }

    private static Payload reference(long size, String path) {
        return Payload.newBuilder()
                .setReference(PayloadReference.newBuilder().setSizeBytes(size).setPath(path))
                .build();
    }

    @Test
    void malformedReferencesAreRefused() throws InterruptedException {
        assertThat(refusedTask(coordinator, session, reference(0, "")).getDescription())
                .isEqualTo("the payload of task 1 must have 1 to 2^50 bytes as a reference, not 0");
        assertThat(refusedTask(coordinator, session, reference((1L << 50) + 1, ""))
                        .getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusedTask(coordinator, session, reference(5, "/etc/passwd"))
                        .getDescription())
                .isEqualTo("the payload of task 1 must have no path, not '/etc/passwd': its bytes travel in payload"
                        + " streams here");
        Host host = new Host().attach(7);
        host.end(1, Outcome.newBuilder().setResult(reference(5, "/etc/passwd")).build());
        assertThat(host.awaitEnd().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        Host another = new Host().attach(7);
        another.end(
                1,
                Outcome.newBuilder()
                        .setFailure(Failure.newBuilder().setException(reference(-1, "")))
                        .build());
        assertThat(another.awaitEnd().getDescription())
                .isEqualTo("the exception of attempt 1 must have 1 to 2^50 bytes as a reference, not -1");
    }

    @Test
    void anEmbeddedPoolsReferencesSayWhereTheBytesAre() throws InterruptedException {
        EndpointSettings shared = EndpointSettings.defaults().withPayloadPaths(true);
        try (Coordinator embedded =
                Coordinator.create(CoordinatorSettings.defaults().withEndpoints(shared))) {
            TestSession in = open(embedded, new TestSession('a', 0).open());
            Payload payload = reference(5, "/tmp/a file");
            Received<CompletionsResponse> offers = new Received<>();
            embedded.pool().completions(in.completions(0), offers);
            EchoHost host = EchoHost.attach(embedded.hosts()::attach, "h", 1);
            Task task = TestSession.task(1).toBuilder().setPayload(payload).build();
            embedded.pool()
                    .submit(new Received<>())
                    .onNext(in.first().addTasks(task).build());
            OutcomeOffer offer =
                    offers.await("an offer", all -> all.stream().anyMatch(one -> one.getOffersCount() > 0)).stream()
                            .flatMap(one -> one.getOffersList().stream())
                            .findFirst()
                            .orElseThrow();
            assertThat(host.runs().get(0).getTask().getPayload()).isEqualTo(payload);
            assertThat(offer.getOutcome().getResult()).isEqualTo(payload);
        }
    }

    @Test
    void whatMustFollowWhatIsPendingIsRefusedBeforeIt() throws InterruptedException {
        submit.onNext(session.begin().addTaken(1).build());
        assertThat(end.awaitEnd().getDescription()).contains("taken").contains("must follow pending_complete");
    }

    @Test
    void aLargeExceptionOfAnInitializerIsLeftOut() throws InterruptedException {
        Host host = new Host().attach(7);
        submit(TestSession.task(1).getPayload());
        int number = host.run().getSession();
        host.reports.onNext(Report.newBuilder()
                .addProblems(SessionProblem.newBuilder()
                        .setSession(number)
                        .setInitializerThrew(
                                Failure.newBuilder().setClassName("E").setException(REFERENCE)))
                .build());
        SessionBroken broken =
                told("that it is broken", CompletionsResponse::hasBroken).getBroken();
        assertThat(broken.getFailure().getClassName()).isEqualTo("E");
        assertThat(broken.getFailure().hasException()).isFalse();
    }

    @Test
    void messagesStaySmallWhateverTheyAreMadeOf() throws InterruptedException {
        Host host = new Host().attach(7);
        stream();
        SubmitRequest.Builder request = session.first();
        for (int sequence = 1; sequence <= 4; sequence++) {
            request.addTasks(TestSession.task(sequence).toBuilder().setAttemptsAfterFailure(2));
        }
        submit.onNext(request.build());
        List<Order> orders = host.await(
                "4 runs", all -> all.stream().mapToInt(Order::getRunsCount).sum() == 4);
        Outcome outcome = Outcome.newBuilder()
                .setFailure(
                        Failure.newBuilder().setStackTrace("x".repeat(600_000)).setRetryable(true))
                .build();
        Report.Builder report = Report.newBuilder();
        for (Order order : orders) {
            for (Run run : order.getRunsList()) {
                report.addOutcomes(
                        AttemptOutcome.newBuilder().setAttempt(run.getAttempt()).setOutcome(outcome));
            }
        }
        host.reports.onNext(report.build());
        completions.await(
                "4 retries",
                all -> all.stream()
                                .mapToInt(CompletionsResponse::getRetriesCount)
                                .sum()
                        == 4);
        assertThat(completions.messages())
                .allSatisfy(message -> assertThat(message.getSerializedSize()).isLessThan(1_300_000));
    }
}

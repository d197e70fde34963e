package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.Coordinator;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.EchoHost;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.EndNow;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.OutcomeOffer;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadChunk;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SendRequest;
import io.farpool.proto.v1.SendResponse;
import io.farpool.proto.v1.SessionBroken;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Large payloads both ways, with the other ends joined directly: who is asked for what, and who may have it. */
@Timeout(60)
class LargePayloadsTest {
    private static final Payload REFERENCE = Payload.newBuilder()
            .setReference(PayloadReference.newBuilder().setSizeBytes(10).setCrc32C(1))
            .build();

    private final Coordinator coordinator = Coordinator.create(CoordinatorSettings.defaults());
    private final TestSession session = open(coordinator, new TestSession('a', 0).open());
    private final Received<SubmitResponse> end = new Received<>();
    private Received<CompletionsResponse> completions = new Received<>();
    private StreamObserver<SubmitRequest> submit = coordinator.pool().submit(end);

    /** A host that does what the test says. */
    private final class Host extends Received<Order> {
        final StreamObserver<Report> reports = coordinator.hosts().attach(this);

        Host attach(long incarnation) {
            reports.onNext(Report.newBuilder()
                    .setHello(EchoHost.hello("h", 2).toBuilder().setIncarnation(incarnation))
                    .setStateComplete(true)
                    .build());
            return this;
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

    private static TestSession open(Coordinator coordinator, OpenRequest.Builder request) {
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(request.build(), response);
        assertThat(response.ended()).isEqualTo(Status.OK);
        return new TestSession('a', response.messages().get(0).getEpoch());
    }

    private void stream() {
        completions = new Received<>();
        coordinator.pool().completions(session.completions(0), completions);
    }

    private void submit(Payload payload) {
        stream();
        submit.onNext(session.first()
                .addTasks(TestSession.task(1).toBuilder().setPayload(payload))
                .build());
    }

    private CompletionsResponse told(String what, Predicate<CompletionsResponse> matches) throws InterruptedException {
        return completions.await(what, all -> all.stream().anyMatch(matches)).stream()
                .filter(matches)
                .findFirst()
                .orElseThrow();
    }

    private OutcomeOffer offer() throws InterruptedException {
        return told("an offer", one -> one.getOffersCount() > 0).getOffers(0);
    }

    private PayloadWanted wanted() throws InterruptedException {
        return told("a payload that is wanted", one -> one.getPayloadsWantedCount() > 0)
                .getPayloadsWanted(0);
    }

    private static Outcome result() {
        return Outcome.newBuilder().setResult(REFERENCE).build();
    }

    private ReceiveRequest.Builder result(long attempt) {
        return ReceiveRequest.newBuilder()
                .setSessionId(session.id())
                .setSequence(1)
                .setResult(ReceiveRequest.Result.newBuilder()
                        .setSecret(session.first().getSecret())
                        .setEpoch(session.first().getEpoch())
                        .setAttempt(attempt));
    }

    private ReceiveRequest.Builder argument(long sequence, long incarnation) {
        return ReceiveRequest.newBuilder()
                .setSessionId(session.id())
                .setSequence(sequence)
                .setArgument(ReceiveRequest.Argument.newBuilder().setHost("h").setIncarnation(incarnation));
    }

    private Received<PayloadChunk> receive(ReceiveRequest.Builder request) {
        Received<PayloadChunk> chunks = new Received<>();
        coordinator.payloads().receive(request.build(), chunks);
        return chunks;
    }

    private Status refused(ReceiveRequest.Builder request) throws InterruptedException {
        return receive(request).awaitEnd();
    }

    private Status send(PayloadWanted wanted, String content) throws InterruptedException {
        Received<SendResponse> response = new Received<>();
        StreamObserver<SendRequest> requests = coordinator.payloads().send(response);
        requests.onNext(SendRequest.newBuilder()
                .setTransfer(wanted.getTransfer())
                .setData(ByteString.copyFromUtf8(content))
                .build());
        requests.onCompleted();
        return response.awaitEnd();
    }

    private static void assertCame(Received<PayloadChunk> chunks, String content) throws InterruptedException {
        assertThat(chunks.awaitEnd()).isEqualTo(Status.OK);
        assertThat(chunks.messages().get(0).getData().toStringUtf8()).isEqualTo(content);
    }

    @Test
    void aLargeResultIsOfferedReceivedTakenCompletedAndAcknowledged() throws InterruptedException {
        Host host = new Host().attach(7);
        submit(TestSession.task(1).getPayload());
        host.end(host.run().getAttempt(), result());
        OutcomeOffer offer = offer();
        assertThat(offer.getSequence()).isEqualTo(1);
        assertThat(offer.getOutcome()).isEqualTo(result());
        Received<PayloadChunk> chunks = receive(result(offer.getAttempt()));
        PayloadWanted wanted = host.wanted();
        assertThat(wanted.getAttempt()).isEqualTo(offer.getAttempt());
        assertThat(wanted.getTransfer()).isNotZero();
        assertThat(send(wanted, "0123456789")).isEqualTo(Status.OK);
        assertCame(chunks, "0123456789");
        submit.onNext(SubmitRequest.newBuilder().addTaken(offer.getAttempt()).build());
        CompletionsResponse told = told("the completion", one -> one.getCompletionsCount() > 0);
        assertThat(told.getCompletions(0).getOutcome()).isEqualTo(result());
        submit.onNext(SubmitRequest.newBuilder().setAcknowledged(1).build());
        host.await("the acknowledgement", orders -> orders.stream()
                .anyMatch(order -> order.getAcknowledgedList().contains(offer.getAttempt())));
        assertThat(refused(result(offer.getAttempt())).getCode()).isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void aLargeArgumentIsAskedOfItsClient() throws InterruptedException {
        Host host = new Host().attach(7);
        submit(REFERENCE);
        assertThat(host.run().getTask().getPayload()).isEqualTo(REFERENCE);
        Received<PayloadChunk> chunks = receive(argument(1, 7));
        PayloadWanted wanted = wanted();
        assertThat(wanted.getSequence()).isEqualTo(1);
        assertThat(send(wanted, "0123456789")).isEqualTo(Status.OK);
        assertCame(chunks, "0123456789");
    }

    @Test
    void aLargeInitializerIsAskedOfItsClient() throws InterruptedException {
        OpenRequest.Builder request = new TestSession('b', 0)
                .open()
                .setProcess(ProcessSpec.newBuilder().setMainClass("Main").setInitializer(REFERENCE));
        Received<OpenResponse> opened = new Received<>();
        coordinator.pool().open(request.build(), opened);
        TestSession other = new TestSession('b', session.first().getEpoch());
        coordinator.pool().completions(other.completions(0), completions);
        coordinator
                .pool()
                .submit(new Received<>())
                .onNext(other.first().addTasks(TestSession.task(1)).build());
        Host host = new Host().attach(7);
        host.run();
        assertThat(host.messages().get(0).getSessionsOpened(0).getProcess().getInitializer())
                .isEqualTo(REFERENCE);
        Received<PayloadChunk> chunks = receive(argument(0, 7).setSessionId(other.id()));
        assertThat(wanted().getSequence()).isZero();
        assertThat(send(wanted(), "0123456789")).isEqualTo(Status.OK);
        assertCame(chunks, "0123456789");
    }

    @Test
    void onlyWhoeverAPayloadIsForMayHaveIt() throws InterruptedException {
        Host host = new Host().attach(7);
        submit(REFERENCE);
        Run run = host.run();
        assertThat(refused(argument(1, 8)).getCode()).isEqualTo(Code.PERMISSION_DENIED);
        assertThat(refused(argument(2, 7)).getCode()).isEqualTo(Code.NOT_FOUND);
        assertThat(refused(argument(0, 7)).getCode()).isEqualTo(Code.NOT_FOUND);
        assertThat(refused(argument(1, 7).setSessionId("f".repeat(32))).getCode())
                .isEqualTo(Code.NOT_FOUND);
        assertThat(refused(argument(1, 7).setSessionId("F")).getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refused(argument(1, 7).clearReceiver()).getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refused(ReceiveRequest.newBuilder()
                                .setSessionId(session.id())
                                .setSequence(1)
                                .setArgument(ReceiveRequest.Argument.newBuilder()
                                        .setHost("another")
                                        .setIncarnation(7)))
                        .getCode())
                .as("it may be about to attach")
                .isEqualTo(Code.UNAVAILABLE);
        EchoHost.attach(coordinator.hosts()::attach, "idle", 1);
        assertThat(refused(ReceiveRequest.newBuilder()
                                .setSessionId(session.id())
                                .setSequence(1)
                                .setArgument(ReceiveRequest.Argument.newBuilder()
                                        .setHost("idle")
                                        .setIncarnation(7)))
                        .getCode())
                .isEqualTo(Code.PERMISSION_DENIED);

        assertThat(refused(result(run.getAttempt())).getCode())
                .as("not offered")
                .isEqualTo(Code.NOT_FOUND);
        host.end(run.getAttempt(), result());
        offer();
        ReceiveRequest.Result.Builder mine = result(run.getAttempt()).getResultBuilder();
        assertThat(refused(result(run.getAttempt())
                                .setResult(mine.clone().setSecret(ByteString.copyFromUtf8("somebody else's secret"))))
                        .getCode())
                .isEqualTo(Code.PERMISSION_DENIED);
        assertThat(refused(result(run.getAttempt()).setResult(mine.clone().setEpoch(mine.getEpoch() + 1)))
                        .getCode())
                .isEqualTo(Code.NOT_FOUND);
        assertThat(refused(result(run.getAttempt()).setSequence(2)).getCode()).isEqualTo(Code.NOT_FOUND);
        assertThat(refused(result(run.getAttempt()).setSessionId("f".repeat(32)))
                        .getCode())
                .isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void aHostThatIsAwayIsAskedWhenItIsBack() throws InterruptedException {
        Host host = new Host().attach(7);
        submit(TestSession.task(1).getPayload());
        Run run = host.run();
        host.end(run.getAttempt(), result());
        offer();
        host.reports.onError(Status.CANCELLED.asException());
        Received<PayloadChunk> chunks = receive(result(run.getAttempt()));
        Host back = new Host();
        back.reports.onNext(Report.newBuilder()
                .setHello(EchoHost.hello("h", 2))
                .addAttempts(AttemptHeld.newBuilder()
                        .setSessionId(session.id())
                        .setSequence(1)
                        .setEpoch(session.first().getEpoch())
                        .setAttempt(run.getAttempt())
                        .setStartNumber(1)
                        .setOutcome(AttemptOutcome.newBuilder()
                                .setAttempt(run.getAttempt())
                                .setOutcome(result())))
                .addSessions(SessionHeld.newBuilder().setSessionId(session.id()).setProcesses(1))
                .setStateComplete(true)
                .build());
        PayloadWanted wanted = back.wanted();
        assertThat(back.messages().get(0).hasWelcome())
                .as("nothing before its welcome")
                .isTrue();
        assertThat(send(wanted, "0123456789")).isEqualTo(Status.OK);
        assertCame(chunks, "0123456789");
    }

    @Test
    void aClientWhoseStreamBreaksIsAskedAgainOnItsNext() throws InterruptedException {
        Host host = new Host().attach(7);
        submit(REFERENCE);
        host.run();
        Received<PayloadChunk> chunks = receive(argument(1, 7));
        PayloadWanted first = wanted();
        stream();
        PayloadWanted again = wanted();
        assertThat(again).isEqualTo(first);
        assertThat(send(again, "0123456789")).isEqualTo(Status.OK);
        assertThat(send(first, "0123456789").getCode())
                .as("asked twice, sent twice")
                .isEqualTo(Code.NOT_FOUND);
        assertCame(chunks, "0123456789");
        stream();
        assertThat(completions.messages()).allMatch(one -> one.getPayloadsWantedCount() == 0);
    }

    @Test
    void whoeverWaitsForWhatIsGoneIsToldSo() throws InterruptedException {
        Host host = new Host().attach(7);
        submit(TestSession.task(1).getPayload());
        Run run = host.run();
        host.end(run.getAttempt(), result());
        offer();
        Received<PayloadChunk> chunks = receive(result(run.getAttempt()));
        host.wanted();
        new Host().attach(8);
        assertThat(chunks.awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void whoeverWaitsForAHostThatDoesNotComeBackIsToldSo() throws InterruptedException {
        CoordinatorSettings impatient = CoordinatorSettings.defaults()
                .withScheduling(SchedulerSettings.defaults().withLeases(10_000, 50, 30_000));
        try (Coordinator other = Coordinator.create(impatient)) {
            TestSession in = open(other, new TestSession('a', 0).open());
            Received<CompletionsResponse> offers = new Received<>();
            other.pool().completions(in.completions(0), offers);
            EchoHost host = EchoHost.attach(other.hosts()::attach, "h", 1);
            other.pool()
                    .submit(new Received<>())
                    .onNext(in.first()
                            .addTasks(TestSession.task(1).toBuilder().setPayload(REFERENCE))
                            .build());
            long attempt =
                    offers.await("an offer", all -> all.stream().anyMatch(one -> one.getOffersCount() > 0)).stream()
                            .flatMap(one -> one.getOffersList().stream())
                            .findFirst()
                            .orElseThrow()
                            .getAttempt();
            host.reports().onError(Status.CANCELLED.asException());
            Received<PayloadChunk> chunks = new Received<>();
            ReceiveRequest.Builder request = result(attempt);
            request.getResultBuilder().setEpoch(in.first().getEpoch());
            other.payloads().receive(request.build(), chunks);
            assertThat(chunks.awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
        }
    }

    @Test
    void whoeverWaitsForAPayloadOfASessionThatEndsIsToldSo() throws InterruptedException {
        Host host = new Host().attach(7);
        submit(REFERENCE);
        host.run();
        Received<PayloadChunk> chunks = receive(argument(1, 7));
        submit.onNext(SubmitRequest.newBuilder()
                .setEndNow(EndNow.getDefaultInstance())
                .build());
        assertThat(chunks.awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void aCancelledOfferNeedsNoTransfer() throws InterruptedException {
        Host host = new Host().attach(7);
        submit(TestSession.task(1).getPayload());
        Run run = host.run();
        host.end(run.getAttempt(), result());
        offer();
        submit.onNext(SubmitRequest.newBuilder()
                .addCancels(Cancel.newBuilder().setSequence(1))
                .build());
        assertThat(told("the completion", one -> one.getCompletionsCount() > 0)
                        .getCompletions(0)
                        .getOutcome()
                        .hasCancelled())
                .isTrue();
        host.await("the acknowledgement", orders -> orders.stream()
                .anyMatch(order -> order.getAcknowledgedList().contains(run.getAttempt())));
    }

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

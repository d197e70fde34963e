package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.Coordinator;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.EchoHost;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.EndNow;
import io.farpool.proto.v1.FindMissingRequest;
import io.farpool.proto.v1.FindMissingResponse;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Requirements;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SessionLog;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The endpoints with the other ends joined directly, as an embedded pool has them. */
class ConversationsTest {
    private final Coordinator coordinator = Coordinator.create(CoordinatorSettings.defaults());
    private final TestSession session = open('a');

    @AfterEach
    void close() {
        coordinator.close();
    }

    private TestSession open(char digit) {
        TestSession draft = new TestSession(digit, 0);
        return draft.in(opened(draft.open().build()).getEpoch());
    }

    private OpenResponse opened(OpenRequest request) {
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(request, response);
        assertThat(response.ended()).isEqualTo(Status.OK);
        return response.messages().get(0);
    }

    private Status refused(OpenRequest request) throws InterruptedException {
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(request, response);
        return response.awaitEnd();
    }

    private Received<CompletionsResponse> completions(long acknowledged) {
        Received<CompletionsResponse> received = new Received<>();
        coordinator.pool().completions(session.completions(acknowledged), received);
        return received;
    }

    private EchoHost host(String name, int slots) {
        return EchoHost.attach(coordinator.hosts()::attach, name, slots);
    }

    private static List<Task> tasks(long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(TestSession::task).toList();
    }

    @Test
    void tasksGoOutAndTheirResultsComeBackNumbered() throws InterruptedException {
        EchoHost host = host("h", 2);
        Received<CompletionsResponse> completions = completions(0);
        Received<SubmitResponse> end = new Received<>();
        StreamObserver<SubmitRequest> submit = coordinator.pool().submit(end);
        submit.onNext(session.first().addAllTasks(tasks(1, 1_000)).build());
        List<Completion> done = TestSession.completions(completions.await(
                "1,000 completions", all -> TestSession.completions(all).size() == 1_000));
        assertThat(done)
                .extracting(Completion::getNumber)
                .isEqualTo(LongStream.rangeClosed(1, 1_000).boxed().toList());
        assertThat(done).allSatisfy(completion -> assertThat(
                        completion.getOutcome().getResult().getInline().toStringUtf8())
                .isEqualTo("task " + completion.getSequence()));
        assertThat(host.acknowledged()).isEmpty();

        submit.onNext(SubmitRequest.newBuilder()
                .setAcknowledged(1_000)
                .setWhenDone(true)
                .build());
        assertThat(completions.awaitEnd()).isEqualTo(Status.OK);
        assertThat(end.awaitEnd()).isEqualTo(Status.OK);
        assertThat(host.acknowledged()).hasSize(1_000);
    }

    @Test
    void theFirstOrderWelcomesAndSessionsComeBeforeWhatNamesThem() throws InterruptedException {
        coordinator
                .pool()
                .submit(new Received<>())
                .onNext(session.first().addTasks(TestSession.task(1)).build());
        List<Order> orders = host("h", 1).await("an order", all -> !all.isEmpty());
        assertThat(orders.get(0).hasWelcome()).isTrue();
        assertThat(orders.get(0).getWelcome().getHeartbeatMillis()).isEqualTo(2_000);
        assertThat(orders.get(0).getWelcome().getLeaseMillis()).isEqualTo(10_000);
        assertThat(orders.stream().skip(1)).noneMatch(Order::hasWelcome);
        assertThat(orders.get(0).getSessionsOpened(0).getSessionId()).isEqualTo(session.id());
        assertThat(orders.get(0).getQuotas(0).getProcesses()).isEqualTo(1);
        assertThat(orders.get(0).getRuns(0).getTask()).isEqualTo(TestSession.task(1));
    }

    @Test
    void openingAgainAnswersAsBeforeAndAnotherSecretIsRefused() throws InterruptedException {
        assertThat(opened(session.open().build()))
                .isEqualTo(opened(session.open().build()));
        OpenRequest forged = session.open()
                .setSessionSecret(ByteString.copyFromUtf8("somebody else's secret"))
                .build();
        assertThat(refused(forged).getCode()).isEqualTo(Code.PERMISSION_DENIED);
    }

    @Test
    void malformedOpensAreRefusedByFieldValueAndExpectation() throws InterruptedException {
        assertThat(refused(session.open().setProtocolVersion(9).build()))
                .satisfies(status -> assertThat(status.getCode()).isEqualTo(Code.FAILED_PRECONDITION))
                .satisfies(status ->
                        assertThat(status.getDescription()).contains("9").contains("1"));
        Status badId = refused(session.open().setSessionId("XYZ").build());
        assertThat(badId.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(badId.getDescription()).isEqualTo("session_id must be 32 lower-case hexadecimal digits, not 'XYZ'");
        assertThat(refused(session.open().setSessionSecret(ByteString.EMPTY).build())
                        .getDescription())
                .isEqualTo("session_secret must have 16 bytes or more, not 0");
        assertThat(refused(session.open().setName("x".repeat(201)).build()).getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refused(session.open().clearProcess().build()).getDescription())
                .contains("main_class");
    }

    @Test
    void aBundleWhoseBlobsAreNotHereIsRefused() throws InterruptedException {
        Digest digest = Digest.newBuilder()
                .setSha256(ByteString.copyFrom(new byte[32]))
                .setSizeBytes(10)
                .build();
        Bundle bundle = Bundle.newBuilder()
                .addEntries(BundleEntry.newBuilder().setName("app.jar").setDigest(digest))
                .build();
        Status status = refused(new TestSession('b', 0).open().setBundle(bundle).build());
        assertThat(status.getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(status.getDescription()).contains("1 of the 1 blobs");
    }

    private Status refusedSubmission(SubmitRequest... requests) throws InterruptedException {
        Received<SubmitResponse> end = new Received<>();
        StreamObserver<SubmitRequest> submit = coordinator.pool().submit(end);
        for (SubmitRequest request : requests) {
            submit.onNext(request);
        }
        return end.awaitEnd();
    }

    @Test
    void submitStreamsOfStrangersAreRefused() throws InterruptedException {
        assertThat(refusedSubmission(new TestSession('f', 0).in(epoch()).first().build())
                        .getCode())
                .isEqualTo(Code.NOT_FOUND);
        assertThat(refusedSubmission(session.in(epoch() + 1).first().build()).getCode())
                .isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(refusedSubmission(session.first().setSecret(ByteString.EMPTY).build())
                        .getCode())
                .isEqualTo(Code.PERMISSION_DENIED);
        assertThat(refusedSubmission(SubmitRequest.newBuilder()
                                .addTasks(TestSession.task(1))
                                .build())
                        .getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    private long epoch() {
        return session.first().getEpoch();
    }

    @Test
    void malformedTasksEndTheirStreamAndNobodyElses() throws InterruptedException {
        Task valid = TestSession.task(1);
        assertThat(refusedSubmission(session.first()
                                .addTasks(valid.toBuilder().setSequence(0))
                                .build())
                        .getDescription())
                .isEqualTo("a task's sequence must be greater than 0, not 0");
        assertThat(refusedSubmission(session.first()
                                .addTasks(valid.toBuilder().clearPayload())
                                .build())
                        .getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusedSubmission(session.first()
                                .addTasks(valid.toBuilder()
                                        .setRequirements(
                                                Requirements.newBuilder().setSlots(2)))
                                .build())
                        .getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusedSubmission(session.first().setAcknowledged(1).build()).getDescription())
                .isEqualTo("acknowledged is 1, but only 0 completions have been sent");
        opened(session.open().build());
        assertThat(describe().getSessions(0).getQueued()).isZero();
    }

    @Test
    void absurdPendingIntervalsEndTheirStreamAndNobodyElses() throws InterruptedException {
        TestSession other = open('b');
        Received<SubmitResponse> others = new Received<>();
        coordinator.pool().submit(others).onNext(other.first().build());
        assertThat(refusedSubmission(pending(5, 4).build()).getDescription())
                .isEqualTo("a pending interval must be first to last with 0 < first <= last, not 5 to 4");
        assertThat(refusedSubmission(pending(0, 4).build()).getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusedSubmission(pending(1, Long.MAX_VALUE).build()).getCode())
                .isEqualTo(Code.RESOURCE_EXHAUSTED);
        Status overlapping = refusedSubmission(pending(1, 10)
                .addPending(SequenceInterval.newBuilder().setFirst(10).setLast(11))
                .build());
        assertThat(overlapping.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(overlapping.getDescription())
                .isEqualTo("pending intervals must ascend, none named twice, not 10 after 10");
        assertThat(refusedSubmission(
                                pending(7, 8).build(),
                                SubmitRequest.newBuilder()
                                        .addPending(SequenceInterval.newBuilder()
                                                .setFirst(1)
                                                .setLast(2))
                                        .build())
                        .getDescription())
                .as("on a later page")
                .isEqualTo("pending intervals must ascend, none named twice, not 1 after 8");
        assertThat(refusedSubmission(pending(1, 2)
                                .addPendingTasks(PendingTask.newBuilder().setSequence(2))
                                .addPendingTasks(PendingTask.newBuilder().setSequence(2))
                                .build())
                        .getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusedSubmission(pending(1, 2).addTasks(TestSession.task(3)).build())
                        .getDescription())
                .contains("must follow pending_complete");
        assertThat(refusedSubmission(session.first().build(), pending(1, 2).build())
                        .getDescription())
                .contains("at the beginning of the stream only");
        assertThat(others.ended()).isNull();
        assertThat(describe().getSessionsList()).hasSize(2).allMatch(one -> one.getQueued() == 0);
    }

    private SubmitRequest.Builder pending(long first, long last) {
        return session.begin()
                .addPending(SequenceInterval.newBuilder().setFirst(first).setLast(last));
    }

    @Test
    void aSubmitStreamIsRenewedIfTheCompletionsStreamMayHaveLostWhatWasWanted() throws InterruptedException {
        Received<CompletionsResponse> completions = completions(0);
        Received<SubmitResponse> end = new Received<>();
        coordinator
                .pool()
                .submit(end)
                .onNext(pending(1, 2).setPendingComplete(true).build());
        completions.await("what is wanted", all -> all.stream().anyMatch(one -> one.getWantedCount() == 1));
        Received<CompletionsResponse> next = completions(0);
        assertThat(end.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
        coordinator
                .pool()
                .submit(new Received<>())
                .onNext(pending(1, 2).setPendingComplete(true).build());
        next.await("what is wanted", all -> all.stream().anyMatch(one -> one.getWantedCount() == 1));
    }

    @Test
    void aHostThatHoldsTooMuchIsRefused() throws InterruptedException {
        Received<Order> orders = new Received<>();
        coordinator
                .hosts()
                .attach(orders)
                .onNext(Report.newBuilder()
                        .setHello(EchoHost.hello("h", 1))
                        .addSessions(SessionHeld.newBuilder()
                                .setSessionId(session.id())
                                .setProcesses(60_000))
                        .addSessions(SessionHeld.newBuilder()
                                .setSessionId(new TestSession('b', 0).id())
                                .setProcesses(60_000))
                        .build());
        Status status = orders.awaitEnd();
        assertThat(status.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription())
                .isEqualTo("a host may speak of at most 100000 processes when it attaches, not 120000");
    }

    @Test
    void theNewestStreamOfASessionWins() throws InterruptedException {
        Received<SubmitResponse> older = new Received<>();
        coordinator.pool().submit(older).onNext(session.first().build());
        Received<CompletionsResponse> olderCompletions = completions(0);
        coordinator.pool().submit(new Received<>()).onNext(session.first().build());
        completions(0);
        assertThat(older.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
        assertThat(olderCompletions.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
    }

    @Test
    void aNewCompletionsStreamGetsWhatWasNotAcknowledged() throws InterruptedException {
        host("h", 1);
        StreamObserver<SubmitRequest> submit = coordinator.pool().submit(new Received<>());
        submit.onNext(session.first().addAllTasks(tasks(1, 3)).build());
        List<CompletionsResponse> again = completions(1)
                .await("two completions", all -> TestSession.completions(all).size() == 2);
        assertThat(TestSession.completions(again))
                .extracting(Completion::getNumber)
                .containsExactly(2L, 3L);
    }

    @Test
    void endingNowEndsTheStreamsAndTheSessionsProcesses() throws InterruptedException {
        EchoHost host = host("h", 1);
        Received<CompletionsResponse> completions = completions(0);
        StreamObserver<SubmitRequest> submit = coordinator.pool().submit(new Received<>());
        submit.onNext(session.first().addTasks(TestSession.task(1)).build());
        submit.onNext(SubmitRequest.newBuilder()
                .setEndNow(EndNow.newBuilder().setKill(true))
                .build());
        assertThat(completions.awaitEnd()).isEqualTo(Status.OK);
        List<Order> orders =
                host.await("the close", all -> all.get(all.size() - 1).getSessionsClosedCount() == 1);
        assertThat(orders.get(orders.size() - 1).getSessionsClosed(0).getKill()).isTrue();
    }

    @Test
    void submittingBeyondTheCreditEndsTheStream() throws InterruptedException {
        CoordinatorSettings small = CoordinatorSettings.defaults()
                .withScheduling(SchedulerSettings.defaults().withCredit(2, 1_000));
        try (Coordinator tight = Coordinator.create(small)) {
            Received<OpenResponse> response = new Received<>();
            tight.pool().open(session.open().build(), response);
            OpenResponse opened = response.messages().get(0);
            assertThat(opened.getCredit().getTasks()).isEqualTo(2);
            Received<SubmitResponse> end = new Received<>();
            StreamObserver<SubmitRequest> submit = tight.pool().submit(end);
            submit.onNext(session.in(opened.getEpoch())
                    .first()
                    .addAllTasks(tasks(1, 3))
                    .build());
            assertThat(end.awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        }
    }

    @Test
    void malformedHellosAreRefused() throws InterruptedException {
        assertThat(refusedHost(EchoHost.hello("h", 1).toBuilder().setProtocolVersion(2))
                        .getCode())
                .isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(refusedHost(EchoHost.hello("h", 0).toBuilder()).getDescription())
                .isEqualTo("slots must be 1 to 100,000, not 0");
        assertThat(refusedHost(EchoHost.hello("a b", 1).toBuilder()).getDescription())
                .contains("'a b'");
        assertThat(refusedHost(EchoHost.hello("h", 1).toBuilder().setIncarnation(0))
                        .getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
        Received<Order> orders = new Received<>();
        coordinator
                .hosts()
                .attach(orders)
                .onNext(Report.newBuilder().setStateComplete(true).build());
        assertThat(orders.awaitEnd().getDescription()).isEqualTo("the first message of a stream must carry hello");
    }

    private Status refusedHost(Hello.Builder hello) throws InterruptedException {
        Received<Order> orders = new Received<>();
        coordinator
                .hosts()
                .attach(orders)
                .onNext(Report.newBuilder().setHello(hello).build());
        return orders.awaitEnd();
    }

    @Test
    void anOutcomeThatSaysNothingEndsTheHostsStream() throws InterruptedException {
        EchoHost host = host("h", 1);
        host.reports()
                .onNext(Report.newBuilder()
                        .addOutcomes(AttemptOutcome.newBuilder().setAttempt(1))
                        .build());
        assertThat(host.awaitEnd().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(describe().getHosts(0).getConnected()).as("within its grace").isFalse();
    }

    @Test
    void theNewestStreamOfAHostWins() throws InterruptedException {
        EchoHost older = host("h", 1);
        host("h", 1);
        assertThat(older.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
        assertThat(describe().getHostsList()).singleElement().satisfies(host -> assertThat(host.getConnected())
                .isTrue());
        older.reports().onError(Status.CANCELLED.asException());
        assertThat(describe().getHosts(0).getConnected())
                .as("what the older one says is nothing")
                .isTrue();
    }

    @Test
    void aDrainedHostThatEndsItsStreamIsGone() {
        EchoHost host = host("h", 1);
        host.reports().onNext(Report.newBuilder().setDraining(true).build());
        assertThat(describe().getHosts(0).getDraining()).isTrue();
        host.reports().onCompleted();
        assertThat(describe().getHostsCount()).isZero();
    }

    @Test
    void logLinesGoToTheirSession() throws InterruptedException {
        EchoHost host = host("h", 1);
        Received<CompletionsResponse> completions = completions(0);
        StreamObserver<SubmitRequest> submit = coordinator.pool().submit(new Received<>());
        submit.onNext(session.first().addTasks(TestSession.task(1)).build());
        int number = host.runs().get(0).getSession();
        SessionLog.Builder log = SessionLog.newBuilder().setSession(number);
        for (int i = 0; i < 1_500; i++) {
            log.addLines(LogLine.newBuilder().setText("line " + i));
        }
        host.reports().onNext(Report.newBuilder().addLogs(log).build());
        host.reports().onNext(Report.newBuilder().addLogs(log).build());
        List<CompletionsResponse> all = completions.await(
                "log lines",
                come -> come.stream()
                                .mapToInt(CompletionsResponse::getLogLinesCount)
                                .sum()
                        == 3_000);
        assertThat(all.stream().flatMap(response -> response.getLogLinesList().stream()))
                .extracting(LogLine::getText)
                .startsWith("line 0", "line 1")
                .endsWith("line 1498", "line 1499");
    }

    @Test
    void whatASessionSharesNoMoreIsToldToTheHostsThatHaveIt() throws InterruptedException {
        EchoHost host = host("h", 1);
        Digest digest = Digest.newBuilder()
                .setSha256(ByteString.copyFrom(new byte[32]))
                .setSizeBytes(5)
                .build();
        Received<CompletionsResponse> completions = completions(0);
        StreamObserver<SubmitRequest> submit = coordinator.pool().submit(new Received<>());
        submit.onNext(session.first().addShared(digest).addAllTasks(tasks(1, 1)).build());
        completions.await("a completion", all -> TestSession.completions(all).size() == 1);
        EchoHost idle = host("idle", 1);
        submit.onNext(SubmitRequest.newBuilder().addSharedReleased(digest).build());
        host.await("it is told", orders -> orders.stream()
                .flatMap(order -> order.getSharedReleasedList().stream())
                .anyMatch(released -> released.getDigestsList().equals(List.of(digest))));
        assertThat(idle.messages()).noneMatch(order -> order.getSharedReleasedCount() > 0);
    }

    @Test
    void aSharedValueThatIsAskedForInVainIsWantedOfOneClientThatSharesItAndThenOfTheNext() throws InterruptedException {
        Digest digest = Digest.newBuilder()
                .setSha256(ByteString.copyFrom(new byte[32]))
                .setSizeBytes(5)
                .build();
        FindMissingRequest question =
                FindMissingRequest.newBuilder().addDigests(digest).build();
        Received<FindMissingResponse> missing = new Received<>();
        coordinator.blobs().findMissing(question, missing);
        missing.await("an answer", all -> all.size() == 1);
        TestSession other = open('b');
        TestSession unconcerned = open('c');
        List<Received<CompletionsResponse>> completions = Stream.of(session, other, unconcerned)
                .map(each -> {
                    Received<CompletionsResponse> received = new Received<>();
                    coordinator.pool().completions(each.completions(0), received);
                    return received;
                })
                .toList();
        StreamObserver<SubmitRequest> first = coordinator.pool().submit(new Received<>());
        first.onNext(session.first().addShared(digest).build());
        StreamObserver<SubmitRequest> second = coordinator.pool().submit(new Received<>());
        second.onNext(other.first().addShared(digest).build());
        awaitApplied();

        askInVain(digest);
        awaitWanted(completions.get(0), digest, 1);
        askInVain(digest);
        awaitWanted(completions.get(1), digest, 1);
        askInVain(digest);
        awaitWanted(completions.get(0), digest, 2);
        second.onNext(SubmitRequest.newBuilder().addSharedReleased(digest).build());
        awaitApplied();
        askInVain(digest);
        awaitWanted(completions.get(0), digest, 3);
        assertThat(wanted(completions.get(1).messages())).hasSize(1);
        assertThat(wanted(completions.get(2).messages())).isEmpty();
    }

    /** All that came before has been applied when there is an answer to this. */
    private void awaitApplied() throws InterruptedException {
        Received<DescribeResponse> response = new Received<>();
        coordinator.cluster().describe(DescribeRequest.getDefaultInstance(), response);
        response.await("an answer", all -> all.size() == 1);
    }

    private void askInVain(Digest digest) throws InterruptedException {
        Received<GetResponse> answer = new Received<>();
        coordinator.blobs().get(GetRequest.newBuilder().setDigest(digest).build(), answer);
        assertThat(answer.awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
    }

    private static void awaitWanted(Received<CompletionsResponse> completions, Digest digest, int times)
            throws InterruptedException {
        List<CompletionsResponse> all = completions.await(
                "the value is wanted " + times + " times", come -> wanted(come).size() >= times);
        assertThat(wanted(all)).hasSize(times).containsOnly(digest);
    }

    private static List<Digest> wanted(List<CompletionsResponse> all) {
        return all.stream()
                .flatMap(response -> response.getSharedWantedList().stream())
                .toList();
    }

    @Test
    void aMalformedSharedDigestEndsItsStream() throws InterruptedException {
        Status status = refusedSubmission(session.first()
                .addShared(Digest.newBuilder().setSha256(ByteString.copyFromUtf8("short")))
                .build());
        assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).contains("must have 32 bytes");
    }

    @Test
    void describeSaysWhatThereIs() {
        host("h", 3);
        DescribeResponse description = describe();
        assertThat(description.getEpoch()).isEqualTo(epoch());
        assertThat(description.getHosts(0).getSlots()).isEqualTo(3);
        assertThat(description.getHosts(0).getJdk()).isEqualTo("a JDK 17");
        assertThat(description.getSessions(0).getName()).isEqualTo("a test");
    }

    private DescribeResponse describe() {
        Received<DescribeResponse> response = new Received<>();
        coordinator.cluster().describe(DescribeRequest.getDefaultInstance(), response);
        return response.messages().get(0);
    }

    @Test
    void closingEndsEveryStreamWithUnavailableAndRefusesNewOnes() throws InterruptedException {
        EchoHost host = host("h", 1);
        Received<CompletionsResponse> completions = completions(0);
        coordinator.close();
        assertThat(host.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(completions.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(refused(session.open().build()).getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(refusedHost(EchoHost.hello("h", 1).toBuilder()).getCode()).isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void noMessageIsMuchLargerThanABatch() throws InterruptedException {
        EchoHost host = host("h", 1);
        Received<CompletionsResponse> completions = completions(0);
        ByteString large = ByteString.copyFrom(new byte[300 << 10]);
        SubmitRequest.Builder request = session.first();
        for (int i = 1; i <= 40; i++) {
            request.addTasks(TestSession.task(i).toBuilder()
                    .setPayload(Payload.newBuilder().setInline(large)));
        }
        coordinator.pool().submit(new Received<>()).onNext(request.build());
        List<CompletionsResponse> all = completions.await(
                "40 completions", come -> TestSession.completions(come).size() == 40);
        int most = Protocol.BATCH_BYTES + (400 << 10);
        assertThat(all)
                .allSatisfy(response -> assertThat(response.getSerializedSize()).isLessThan(most));
        assertThat(host.messages())
                .allSatisfy(order -> assertThat(order.getSerializedSize()).isLessThan(most));
    }
}

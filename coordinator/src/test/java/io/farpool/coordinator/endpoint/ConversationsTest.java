package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.EchoHost;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.EndNow;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SessionLog;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The endpoints with the other ends joined directly, as an embedded pool has them. */
class ConversationsTest extends JoinedEnds {
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
    void theStateIsWantedThenOneOrderWelcomesAndSessionsComeBeforeWhatNamesThem() throws InterruptedException {
        coordinator
                .pool()
                .submit(new Received<>())
                .onNext(session.first().addTasks(TestSession.task(1)).build());
        List<Order> orders = host("h", 1).await("two orders", all -> all.size() > 1);
        assertThat(orders.get(0))
                .isEqualTo(Order.newBuilder().setStateWanted(true).build());
        Order first = orders.get(1);
        assertThat(first.hasWelcome()).isTrue();
        assertThat(first.getWelcome().getHeartbeatMillis()).isEqualTo(2_000);
        assertThat(first.getWelcome().getLeaseMillis()).isEqualTo(10_000);
        assertThat(orders.stream().skip(2)).noneMatch(Order::hasWelcome);
        assertThat(first.getSessionsOpened(0).getSessionId()).isEqualTo(session.id());
        assertThat(first.getQuotas(0).getProcesses()).isEqualTo(1);
        assertThat(first.getRuns(0).getTask()).isEqualTo(TestSession.task(1));
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

    /** What a client had sent over a connection that it has given up comes when it has opened the session again. */
    @Test
    void whatComesLateOfAnOlderOpeningIsRefused() throws InterruptedException {
        opened(session.open().setResuming(true).setOpening(2).build());
        Received<SubmitResponse> end = new Received<>();
        coordinator
                .pool()
                .submit(end)
                .onNext(session.first()
                        .setOpening(2)
                        .addTasks(TestSession.task(1))
                        .build());
        Received<CompletionsResponse> completions = new Received<>();
        coordinator
                .pool()
                .completions(session.completions(0).toBuilder().setOpening(2).build(), completions);
        host("h", 1);
        completions.await("task 1", all -> TestSession.completions(all).size() == 1);

        assertThat(refused(session.open().setResuming(true).setOpening(1).build())
                        .getCode())
                .isEqualTo(Code.ABORTED);
        assertThat(refusedSubmission(session.first()
                                .setOpening(1)
                                .addTasks(TestSession.task(1))
                                .build())
                        .getDescription())
                .isEqualTo("the session was opened last by opening 2, not 1");
        Received<CompletionsResponse> late = new Received<>();
        coordinator
                .pool()
                .completions(session.completions(0).toBuilder().setOpening(1).build(), late);
        assertThat(late.awaitEnd().getCode()).isEqualTo(Code.ABORTED);

        assertThat(end.ended()).isNull();
        assertThat(completions.ended()).isNull();
        assertThat(describe().getSessions(0).getCompleted()).isEqualTo(1);
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

    /** What a daemon that has been killed had sent comes when the one that was started in its place is there. */
    @Test
    void aHelloThatComesLateTakesNobodysPlace() throws InterruptedException {
        EchoHost living = host("h", 1);
        Received<Order> dead = new Received<>();
        StreamObserver<Report> late = hello(dead);
        assertThat(dead.messages()).singleElement().satisfies(order -> assertThat(order.getStateWanted())
                .isTrue());
        assertThat(living.ended()).isNull();
        late.onError(Status.CANCELLED.asException());
        assertThat(living.ended()).isNull();
        assertThat(describe().getHosts(0).getConnected()).isTrue();
    }

    /** What a host had sent over a connection that it has given up comes when its next stream is there. */
    @Test
    void aStateThatComesLateTakesNobodysPlace() throws InterruptedException {
        Received<Order> givenUp = new Received<>();
        StreamObserver<Report> late = hello(givenUp);
        EchoHost living = host("h", 1);
        late.onNext(Report.newBuilder().setStateComplete(true).build());
        assertThat(givenUp.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
        assertThat(living.ended()).isNull();
        assertThat(describe().getHosts(0).getConnected()).isTrue();
    }

    private StreamObserver<Report> hello(Received<Order> orders) {
        StreamObserver<Report> reports = coordinator.hosts().attach(orders);
        reports.onNext(Report.newBuilder().setHello(EchoHost.hello("h", 1)).build());
        return reports;
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
    void describeSaysWhatThereIs() {
        host("h", 3);
        DescribeResponse description = describe();
        assertThat(description.getEpoch()).isEqualTo(epoch());
        assertThat(description.getHosts(0).getSlots()).isEqualTo(3);
        assertThat(description.getHosts(0).getJdk()).isEqualTo("a JDK 17");
        assertThat(description.getSessions(0).getName()).isEqualTo("a test");
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

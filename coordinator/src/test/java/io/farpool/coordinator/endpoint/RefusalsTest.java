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
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Requirements;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;

/** What the endpoints refuse, with which status, and that it touches nobody else. */
class RefusalsTest extends JoinedEnds {
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

    @Test
    void aHostThatHoldsTooMuchIsRefused() throws InterruptedException {
        Received<Order> orders = new Received<>();
        StreamObserver<Report> reports = coordinator.hosts().attach(orders);
        reports.onNext(Report.newBuilder().setHello(EchoHost.hello("h", 1)).build());
        reports.onNext(Report.newBuilder()
                .addSessions(SessionHeld.newBuilder().setSessionId(session.id()).setProcesses(60_000))
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
        Received<Order> hasty = new Received<>();
        coordinator
                .hosts()
                .attach(hasty)
                .onNext(Report.newBuilder()
                        .setHello(EchoHost.hello("h", 1))
                        .setStateComplete(true)
                        .build());
        assertThat(hasty.awaitEnd().getDescription())
                .isEqualTo("hello must be alone in its message: the state follows when it is wanted");
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
    void aMalformedSharedDigestEndsItsStream() throws InterruptedException {
        Status status = refusedSubmission(session.first()
                .addShared(Digest.newBuilder().setSha256(ByteString.copyFromUtf8("short")))
                .build());
        assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).contains("must have 32 bytes");
    }
}

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
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.OutcomeOffer;
import io.farpool.proto.v1.PayloadChunk;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SubmitRequest;
import io.grpc.Status;
import io.grpc.Status.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Large payloads both ways, with the other ends joined directly: who is asked for what, and who may have it. */
@Timeout(60)
class LargePayloadsTest extends LargePayloadEnds {
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
        assertThat(host.messages().get(1).getSessionsOpened(0).getProcess().getInitializer())
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
        ReceiveRequest.Argument.Builder known = argument(1, 7).getArgumentBuilder();
        for (String secret : new String[] {"", "somebody else's secret"}) {
            Status clients =
                    refused(argument(1, 7).setArgument(known.clone().setSecret(ByteString.copyFromUtf8(secret))));
            assertThat(clients.getCode()).as("clients are told the incarnation").isEqualTo(Code.PERMISSION_DENIED);
            assertThat(clients.getDescription()).isEqualTo("the secret is not that of host h");
        }
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
                                        .setIncarnation(7)
                                        .setSecret(EchoHost.SECRET)))
                        .getCode())
                .as("it may be about to attach")
                .isEqualTo(Code.UNAVAILABLE);
        EchoHost.attach(coordinator.hosts()::attach, "idle", 1);
        assertThat(refused(ReceiveRequest.newBuilder()
                                .setSessionId(session.id())
                                .setSequence(1)
                                .setArgument(ReceiveRequest.Argument.newBuilder()
                                        .setHost("idle")
                                        .setIncarnation(7)
                                        .setSecret(EchoHost.SECRET)))
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
        back.hello(7);
        back.reports.onNext(Report.newBuilder()
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
        assertThat(back.messages().get(1).hasWelcome())
                .as("nothing but that its state is wanted before its welcome")
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
}

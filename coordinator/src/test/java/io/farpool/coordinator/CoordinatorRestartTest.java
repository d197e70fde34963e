package io.farpool.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Adoption;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.GrantRequest;
import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.PoolGrpc;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that outlive a coordinator, or their streams, over real connections. */
@Timeout(60)
class CoordinatorRestartTest {
    private static final String HOST = "h";

    @TempDir
    Path directory;

    private final TestSession draft = new TestSession('d', 0);
    private final List<ManagedChannel> channels = new ArrayList<>();
    private CoordinatorServer server;

    /** A client's two streams, or what is left of them. */
    private final class Streams {
        final TestSession session;
        final boolean known;
        final Received<CompletionsResponse> completions = new Received<>();
        final Received<SubmitResponse> end = new Received<>();
        final StreamObserver<SubmitRequest> submit;

        Streams(ManagedChannel channel, OpenRequest.Builder open, SubmitRequest.Builder pending) {
            OpenResponse opened =
                    PoolGrpc.newBlockingStub(channel).withWaitForReady().open(open.build());
            session = draft.in(opened.getEpoch());
            known = opened.getKnown();
            PoolGrpc.newStub(channel).completions(session.completions(0), completions);
            submit = PoolGrpc.newStub(channel).submit(end);
            submit.onNext(session.begin()
                    .addAllPending(pending.getPendingList())
                    .addAllPendingTasks(pending.getPendingTasksList())
                    .setPendingComplete(true)
                    .build());
        }

        void submit(Task... tasks) {
            submit.onNext(SubmitRequest.newBuilder().addAllTasks(List.of(tasks)).build());
        }

        List<Completion> awaitCompletions(int count) throws InterruptedException {
            return TestSession.completions(completions.await(
                    count + " completions", all -> TestSession.completions(all).size() == count));
        }

        /** The first that any response has of something. */
        <T> T awaitOne(String what, Function<CompletionsResponse, List<T>> of) throws InterruptedException {
            return completions
                    .await(what, all -> all.stream()
                            .anyMatch(response -> !of.apply(response).isEmpty()))
                    .stream()
                    .flatMap(response -> of.apply(response).stream())
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A host that does as the test says, and confirms its quotas. */
    private static final class Daemon extends Received<Order> {
        private final Report.Builder state;
        private StreamObserver<Report> reports;

        Daemon(ManagedChannel channel, Report.Builder state) {
            this.state = state.setStateComplete(true);
            StreamObserver<Report> stream =
                    HostsGrpc.newStub(channel).withWaitForReady().attach(this);
            synchronized (this) {
                reports = stream;
            }
            report(Report.newBuilder().setHello(EchoHost.hello(HOST, 1)));
        }

        synchronized void report(Report.Builder report) {
            reports.onNext(report.build());
        }

        @Override
        public void onNext(Order order) {
            super.onNext(order);
            if (order.getStateWanted()) {
                report(state);
            }
            Report.Builder confirmations = Report.newBuilder();
            order.getQuotasList()
                    .forEach(quota -> confirmations.addQuotasConfirmed(QuotaConfirmed.newBuilder()
                            .setSession(quota.getSession())
                            .setProcesses(quota.getProcesses())
                            .setRevision(quota.getRevision())));
            order.getSessionsClosedList()
                    .forEach(closed -> confirmations.addQuotasConfirmed(
                            QuotaConfirmed.newBuilder().setSession(closed.getSession())));
            if (confirmations.getQuotasConfirmedCount() > 0) {
                report(confirmations);
            }
        }

        Run awaitRun(long sequence) throws InterruptedException {
            return await("task " + sequence, all -> runs(all).stream().anyMatch(run -> isOf(run, sequence))).stream()
                    .flatMap(order -> order.getRunsList().stream())
                    .filter(run -> isOf(run, sequence))
                    .findFirst()
                    .orElseThrow();
        }

        private static boolean isOf(Run run, long sequence) {
            return run.getTask().getSequence() == sequence;
        }

        static List<Run> runs(List<Order> orders) {
            return orders.stream()
                    .flatMap(order -> order.getRunsList().stream())
                    .toList();
        }

        Adoption awaitAdoption() throws InterruptedException {
            return await("an adoption", all -> all.stream().anyMatch(order -> order.getAdoptedCount() > 0)).stream()
                    .flatMap(order -> order.getAdoptedList().stream())
                    .findFirst()
                    .orElseThrow();
        }

        void end(long attempt) {
            report(Report.newBuilder()
                    .addOutcomes(AttemptOutcome.newBuilder()
                            .setAttempt(attempt)
                            .setOutcome(Outcome.newBuilder()
                                    .setResult(Payload.newBuilder().setInline(ByteString.EMPTY))
                                    .setRunNanos(2_000))));
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = listenOn(0);
    }

    private CoordinatorServer listenOn(int port) throws IOException {
        return CoordinatorServer.start(
                CoordinatorSettings.defaults().withPort(port).withDataDirectory(directory.resolve("blobs")));
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (ManagedChannel channel : channels) {
            channel.shutdownNow();
            assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
        server.close();
    }

    /** Another coordinator at the same address: it knows nothing. */
    private void restart() throws IOException {
        int port = server.port();
        server.close();
        server = listenOn(port);
    }

    private ManagedChannel channel() {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        channels.add(channel);
        return channel;
    }

    private Streams firstStreams(ManagedChannel channel) {
        return new Streams(channel, draft.open(), SubmitRequest.newBuilder());
    }

    private Streams resumed(ManagedChannel channel, SubmitRequest.Builder pending) {
        return new Streams(channel, draft.open().setResuming(true).addKnownHosts(HOST), pending);
    }

    private static SubmitRequest.Builder pending(long first, long last) {
        return SubmitRequest.newBuilder()
                .addPending(SequenceInterval.newBuilder().setFirst(first).setLast(last));
    }

    private Report.Builder holding(AttemptHeld... held) {
        return Report.newBuilder()
                .addSessions(SessionHeld.newBuilder().setSessionId(draft.id()).setProcesses(1))
                .addAllAttempts(List.of(held));
    }

    private AttemptHeld.Builder held(long epoch, Run run) {
        return AttemptHeld.newBuilder()
                .setSessionId(draft.id())
                .setSequence(run.getTask().getSequence())
                .setEpoch(epoch)
                .setAttempt(run.getAttempt())
                .setStartNumber(run.getStartNumber());
    }

    private static Task once(long sequence) {
        return TestSession.task(sequence).toBuilder()
                .setAttemptsAfterHostLoss(1)
                .build();
    }

    private static long epoch(Streams streams) {
        return streams.session.first().getEpoch();
    }

    @Test
    void aSessionGoesOnAtARestartedCoordinator() throws Exception {
        ManagedChannel channel = channel();
        Daemon host = new Daemon(channel, Report.newBuilder());
        Streams before = firstStreams(channel);
        before.submit(TestSession.task(1), TestSession.task(2));
        Run running = host.awaitRun(1);
        restart();
        assertThat(host.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(before.completions.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(before.end.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);

        Streams after = resumed(channel, pending(1, 2));
        assertThat(after.known).isFalse();
        assertThat(epoch(after)).isNotEqualTo(epoch(before));
        Daemon again = new Daemon(
                channel, holding(held(epoch(before), running).setRunning(true).build()));
        Adoption adoption = again.awaitAdoption();
        assertThat(adoption.getHeld())
                .isEqualTo(AttemptName.newBuilder()
                        .setEpoch(epoch(before))
                        .setAttempt(running.getAttempt())
                        .build());
        assertThat(after.awaitOne("what is wanted", CompletionsResponse::getWantedList))
                .isEqualTo(SequenceInterval.newBuilder().setFirst(2).setLast(2).build());
        assertThat(after.completions.messages().get(0).getHosts().getHostsList())
                .containsExactly(HOST);

        again.end(adoption.getAttempt());
        after.submit(TestSession.task(2));
        again.end(again.awaitRun(2).getAttempt());
        List<Completion> done = after.awaitCompletions(2);
        assertThat(done).extracting(Completion::getSequence).containsExactly(1L, 2L);
        assertThat(done).extracting(Completion::getAttempts).containsExactly(1, 1);
        assertThat(done).extracting(Completion::getUncounted).containsExactly(true, false);
        assertThat(Daemon.runs(again.messages()))
                .as("what ran was not run again")
                .hasSize(1);

        after.submit.onNext(
                SubmitRequest.newBuilder().setAcknowledged(2).setWhenDone(true).build());
        assertThat(after.completions.awaitEnd()).isEqualTo(Status.OK);
        assertThat(after.end.awaitEnd()).isEqualTo(Status.OK);
    }

    @Test
    void aSessionWhoseStreamsBrokeGoesOnWhereItWas() throws Exception {
        Daemon host = new Daemon(channel(), Report.newBuilder());
        ManagedChannel first = channel();
        Streams before = firstStreams(first);
        before.submit(TestSession.task(1), TestSession.task(2));
        Run running = host.awaitRun(1);
        first.shutdownNow();

        Streams after = resumed(channel(), pending(1, 3));
        assertThat(after.known).isTrue();
        assertThat(epoch(after)).isEqualTo(epoch(before));
        assertThat(after.awaitOne("what is wanted", CompletionsResponse::getWantedList))
                .as("only what was lost on its way")
                .isEqualTo(SequenceInterval.newBuilder().setFirst(3).setLast(3).build());
        host.end(running.getAttempt());
        host.end(host.awaitRun(2).getAttempt());
        after.submit(TestSession.task(3));
        host.end(host.awaitRun(3).getAttempt());
        assertThat(after.awaitCompletions(3))
                .extracting(Completion::getSequence)
                .containsExactly(1L, 2L, 3L);
        assertThat(Daemon.runs(host.messages())).hasSize(3);
    }

    @Test
    void anOnlyAttemptStartsWhenGrantedAndIsUnaccountedForIfItsHostNeverComesBack() throws Exception {
        ManagedChannel channel = channel();
        Daemon host = new Daemon(channel, Report.newBuilder());
        Streams before = firstStreams(channel);
        before.submit(once(1));
        GrantRequest request = before.awaitOne("a request", CompletionsResponse::getGrantRequestsList);
        assertThat(request.getHost()).isEqualTo(HOST);
        assertThat(Daemon.runs(host.messages())).as("not before it is granted").isEmpty();
        before.submit.onNext(
                SubmitRequest.newBuilder().addGranted(request.getAttempt()).build());
        assertThat(host.awaitRun(1).getAttempt()).isEqualTo(request.getAttempt());
        restart();

        Grant grant = Grant.newBuilder()
                .setEpoch(epoch(before))
                .setHost(HOST)
                .setIncarnation(request.getIncarnation())
                .build();
        Streams after = resumed(
                channel,
                pending(1, 1)
                        .addPendingTasks(PendingTask.newBuilder()
                                .setSequence(1)
                                .setAttemptsAfterHostLoss(1)
                                .setGrant(grant)));
        // It is there again, and has forgotten the session.
        new Daemon(channel, Report.newBuilder());
        assertThat(after.awaitCompletions(1)).singleElement().satisfies(completion -> {
            assertThat(completion.getOutcome().getLoss().getCause()).isEqualTo(Loss.Cause.UNACCOUNTED);
            assertThat(completion.getAttempts()).isEqualTo(1);
        });
        assertThat(after.completions.messages()).allMatch(response -> response.getWantedCount() == 0);
    }

    @Test
    void anOnlyAttemptThatItsHostHasNeverHeardOfRuns() throws Exception {
        ManagedChannel channel = channel();
        Daemon host = new Daemon(channel, Report.newBuilder());
        Streams before = firstStreams(channel);
        before.submit(once(1));
        GrantRequest request = before.awaitOne("a request", CompletionsResponse::getGrantRequestsList);
        restart();
        assertThat(host.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);

        Grant grant = Grant.newBuilder()
                .setEpoch(epoch(before))
                .setHost(HOST)
                .setIncarnation(request.getIncarnation())
                .build();
        Daemon again = new Daemon(channel, holding());
        Streams after = resumed(
                channel,
                pending(1, 1)
                        .addPendingTasks(PendingTask.newBuilder()
                                .setSequence(1)
                                .setAttemptsAfterHostLoss(1)
                                .setGrant(grant)));
        after.awaitOne("what is wanted", CompletionsResponse::getWantedList);
        after.submit(once(1));
        GrantRequest anew = after.awaitOne("a request", CompletionsResponse::getGrantRequestsList);
        after.submit.onNext(
                SubmitRequest.newBuilder().addGranted(anew.getAttempt()).build());
        again.end(again.awaitRun(1).getAttempt());
        assertThat(after.awaitCompletions(1))
                .extracting(Completion::getAttempts)
                .containsExactly(1);
    }

    @Test
    void shuttingDownIsQuickWithStreamsOpen() throws Exception {
        ManagedChannel channel = channel();
        Daemon host = new Daemon(channel, Report.newBuilder());
        Streams streams = firstStreams(channel);
        streams.submit(TestSession.task(1));
        host.awaitRun(1);
        long startNanos = System.nanoTime();
        server.shutdown(Duration.ofSeconds(30));
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(20));
        assertThat(streams.completions.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(streams.end.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(host.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
    }
}

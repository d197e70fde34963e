package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.Coordinator;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.EchoHost;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;

/** A coordinator with one session, whose endpoints have the other ends joined to them directly. */
abstract class JoinedEnds {
    final Coordinator coordinator;
    final TestSession session;

    JoinedEnds() {
        this(CoordinatorSettings.defaults());
    }

    JoinedEnds(CoordinatorSettings settings) {
        coordinator = Coordinator.create(settings);
        session = open('a');
    }

    @AfterEach
    void close() {
        coordinator.close();
    }

    TestSession open(char digit) {
        TestSession draft = new TestSession(digit, 0);
        return draft.in(opened(draft.open().build()).getEpoch());
    }

    OpenResponse opened(OpenRequest request) {
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(request, response);
        assertThat(response.ended()).isEqualTo(Status.OK);
        return response.messages().get(0);
    }

    Status refused(OpenRequest request) throws InterruptedException {
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(request, response);
        return response.awaitEnd();
    }

    Received<CompletionsResponse> completions(long acknowledged) {
        Received<CompletionsResponse> received = new Received<>();
        coordinator.pool().completions(session.completions(acknowledged), received);
        return received;
    }

    EchoHost host(String name, int slots) {
        return EchoHost.attach(coordinator.hosts()::attach, name, slots);
    }

    static List<Task> tasks(long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(TestSession::task).toList();
    }

    Status refusedSubmission(SubmitRequest... requests) throws InterruptedException {
        Received<SubmitResponse> end = new Received<>();
        StreamObserver<SubmitRequest> submit = coordinator.pool().submit(end);
        for (SubmitRequest request : requests) {
            submit.onNext(request);
        }
        return end.awaitEnd();
    }

    long epoch() {
        return session.first().getEpoch();
    }

    SubmitRequest.Builder pending(long first, long last) {
        return session.begin()
                .addPending(SequenceInterval.newBuilder().setFirst(first).setLast(last));
    }

    Status refusedHost(Hello.Builder hello) throws InterruptedException {
        Received<Order> orders = new Received<>();
        coordinator
                .hosts()
                .attach(orders)
                .onNext(Report.newBuilder().setHello(hello).build());
        return orders.awaitEnd();
    }

    DescribeResponse describe() {
        Received<DescribeResponse> response = new Received<>();
        coordinator.cluster().describe(DescribeRequest.getDefaultInstance(), response);
        return response.messages().get(0);
    }
}

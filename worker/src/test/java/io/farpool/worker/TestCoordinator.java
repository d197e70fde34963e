package io.farpool.worker;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.CancelAttempt;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionLog;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.Task;
import io.farpool.proto.v1.Welcome;
import io.farpool.worker.link.CoordinatorLink;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The coordinator's end of the attach stream, in a test's hands: says what it is told to, and keeps what it hears. */
public final class TestCoordinator implements CoordinatorLink {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<Report> reports = new ArrayList<>();
    private @Nullable StreamObserver<Order> orders;
    private int streams;
    public boolean asking = true;
    public boolean welcoming = true;
    public long epoch = 7;

    @Override
    public StreamObserver<Report> attach(StreamObserver<Order> to) {
        int stream;
        synchronized (this) {
            stream = ++streams;
            orders = to;
        }
        return new StreamObserver<>() {
            @Override
            public void onNext(Report report) {
                heard(stream, report);
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        };
    }

    private void heard(int stream, Report report) {
        synchronized (this) {
            if (stream != streams) {
                return;
            }
            reports.add(report);
            notifyAll();
        }
        if (report.hasHello() && asking) {
            order(Order.newBuilder().setStateWanted(true));
        }
        if (report.getStateComplete() && welcoming) {
            welcome();
        }
    }

    public void welcome() {
        order(Order.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setProtocolVersion(1)
                        .setEpoch(epoch)
                        .setLeaseMillis(10_000)
                        .setHeartbeatMillis(2_000)));
    }

    public void order(Order.Builder order) {
        StreamObserver<Order> to;
        synchronized (this) {
            to = Objects.requireNonNull(orders);
        }
        to.onNext(order.build());
    }

    /** Breaks the stream, as a network would. */
    public void breakStream(Status status) {
        StreamObserver<Order> to;
        synchronized (this) {
            to = Objects.requireNonNull(orders);
            streams++;
        }
        to.onError(status.asRuntimeException());
    }

    public void open(int session, int quota, ProcessSpec spec) {
        order(Order.newBuilder()
                .addSessionsOpened(SessionOpened.newBuilder()
                        .setSession(session)
                        .setSessionId("session" + session)
                        .setProcess(spec))
                .addQuotas(Quota.newBuilder().setSession(session).setProcesses(quota)));
    }

    public void run(int session, long attempt, String task) {
        order(Order.newBuilder().addRuns(aRun(session, attempt, task)));
    }

    public static Run aRun(int session, long attempt, String task) {
        return Run.newBuilder()
                .setSession(session)
                .setAttempt(attempt)
                .setStartNumber(1)
                .setTask(Task.newBuilder()
                        .setSequence(attempt)
                        .setPayload(Payload.newBuilder().setInline(ByteString.copyFromUtf8(task))))
                .build();
    }

    public void cancel(long attempt) {
        order(Order.newBuilder()
                .addCancels(CancelAttempt.newBuilder().setAttempt(attempt).setEvenIfRunning(true)));
    }

    public void close(int session) {
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(session)));
    }

    /** Waits for a report and returns it. */
    public synchronized Report await(String what, Predicate<Report> wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            for (Report report : reports) {
                if (wanted.test(report)) {
                    return report;
                }
            }
            long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                throw new AssertionError("no " + what + " in " + PATIENCE + "; heard " + reports);
            }
            try {
                wait(leftMillis);
            } catch (InterruptedException interrupted) {
                throw new AssertionError("interrupted while waiting for " + what, interrupted);
            }
        }
    }

    public Outcome outcome(long attempt) {
        Report report = await("outcome of " + attempt, each -> find(each, attempt) != null);
        return Objects.requireNonNull(find(report, attempt));
    }

    public String result(long attempt) {
        Outcome outcome = outcome(attempt);
        if (!outcome.hasResult()) {
            throw new AssertionError("expected a result, got " + outcome);
        }
        return outcome.getResult().getInline().toStringUtf8();
    }

    private static @Nullable Outcome find(Report report, long attempt) {
        for (AttemptOutcome outcome : report.getOutcomesList()) {
            if (outcome.getAttempt() == attempt) {
                return outcome.getOutcome();
            }
        }
        return null;
    }

    public synchronized List<LogLine> lines() {
        return reports.stream()
                .flatMap(report -> report.getLogsList().stream())
                .map(SessionLog::getLinesList)
                .flatMap(List::stream)
                .toList();
    }

    public synchronized List<Report> reports() {
        return List.copyOf(reports);
    }

    public synchronized void forgetReports() {
        reports.clear();
    }
}

package io.farpool.bench.scale;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Capabilities;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.Load;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.wire.Protocol;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A host as the coordinator sees it, without processes: every task is its own result, at once, unless it is held back. Thread-safe. */
final class HollowHost implements StreamObserver<Order> {
    private static final long RUN_NANOS = 2_000;

    private final String name;
    private final int slots;
    private final CountDownLatch welcomed;
    private final List<Run> held = new ArrayList<>();
    private @Nullable StreamObserver<Report> reports;
    private boolean holding;

    private HollowHost(String name, int slots, CountDownLatch welcomed) {
        this.name = name;
        this.slots = slots;
        this.welcomed = welcomed;
    }

    /** Attaches. {@code welcomed} is counted down when the coordinator has taken it in. */
    static HollowHost attach(Channel channel, String name, int slots, CountDownLatch welcomed) {
        HollowHost host = new HollowHost(name, slots, welcomed);
        StreamObserver<Report> reports = HostsGrpc.newStub(channel).attach(host);
        synchronized (host) {
            host.reports = reports;
            reports.onNext(Report.newBuilder().setHello(host.hello()).build());
        }
        return host;
    }

    private Hello hello() {
        return Hello.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setHost(name)
                .setIncarnation(1)
                .setSecret(ByteString.copyFrom(new byte[16]))
                .setSlots(slots)
                .setCapabilities(Capabilities.newBuilder().setClassFileMajorVersion(61))
                .build();
    }

    /** Keeps results back from here on, or gives all that were kept back and keeps no more. */
    synchronized void hold(boolean hold) {
        holding = hold;
        if (!hold) {
            report(Report.newBuilder(), List.copyOf(held));
            held.clear();
        }
    }

    /** What a host says every few seconds. */
    synchronized void heartbeat() {
        if (reports != null) {
            reports.onNext(Report.newBuilder().setLoad(Load.newBuilder()).build());
        }
    }

    @Override
    public synchronized void onNext(Order order) {
        if (order.getStateWanted() && reports != null) {
            reports.onNext(Report.newBuilder()
                    .setStateComplete(true)
                    .setLoad(Load.newBuilder())
                    .build());
        }
        if (order.hasWelcome()) {
            welcomed.countDown();
        }
        Report.Builder report = Report.newBuilder();
        for (Quota quota : order.getQuotasList()) {
            report.addQuotasConfirmed(QuotaConfirmed.newBuilder()
                    .setSession(quota.getSession())
                    .setProcesses(quota.getProcesses())
                    .setRevision(quota.getRevision()));
        }
        for (SessionClosed closed : order.getSessionsClosedList()) {
            report.addQuotasConfirmed(QuotaConfirmed.newBuilder().setSession(closed.getSession()));
        }
        if (order.getRecallsCount() > 0) {
            held.removeIf(run -> {
                boolean recalled = order.getRecallsList().contains(run.getAttempt());
                if (recalled) {
                    report.addReturned(run.getAttempt());
                }
                return recalled;
            });
        }
        if (holding) {
            held.addAll(order.getRunsList());
            report(report, List.of());
        } else {
            report(report, order.getRunsList());
        }
    }

    private void report(Report.Builder report, List<Run> runs) {
        for (Run run : runs) {
            report.addOutcomes(AttemptOutcome.newBuilder()
                    .setAttempt(run.getAttempt())
                    .setOutcome(Outcome.newBuilder()
                            .setResult(run.getTask().getPayload())
                            .setRunNanos(RUN_NANOS)));
        }
        if (reports != null
                && report.getOutcomesCount() + report.getQuotasConfirmedCount() + report.getReturnedCount() > 0) {
            reports.onNext(report.build());
        }
    }

    @Override
    public void onError(Throwable failure) {
        // The run ends, or notices that nothing is completed any more.
    }

    @Override
    public void onCompleted() {
        // As above.
    }
}

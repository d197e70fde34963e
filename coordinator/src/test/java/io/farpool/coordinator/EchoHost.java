package io.farpool.coordinator;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Capabilities;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.Load;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.wire.Protocol;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A host whose every task returns its own payload at once, from within the call that brings the order: the worst case
 * of
 * re-entrance when joined directly.
 */
public final class EchoHost extends Received<Order> {
    /** What hosts of tests call themselves by, besides their incarnation. */
    public static final ByteString SECRET = ByteString.copyFromUtf8("a host's 16 bytes or more");

    private final List<Run> runs = new ArrayList<>();
    private final List<Long> acknowledged = new ArrayList<>();
    private @Nullable StreamObserver<Report> reports;

    /** Attaches with a name and so many slots. */
    public static EchoHost attach(
            Function<StreamObserver<Order>, StreamObserver<Report>> attach, String name, int slots) {
        EchoHost host = new EchoHost();
        StreamObserver<Report> reports = attach.apply(host);
        synchronized (host) {
            host.reports = reports;
        }
        reports.onNext(Report.newBuilder().setHello(hello(name, slots)).build());
        return host;
    }

    /** A valid hello. */
    public static Hello hello(String name, int slots) {
        return Hello.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setHost(name)
                .setIncarnation(7)
                .setSecret(SECRET)
                .setSlots(slots)
                .setCapabilities(Capabilities.newBuilder().setJdk("a JDK 17"))
                .build();
    }

    @Override
    public void onNext(Order order) {
        super.onNext(order);
        Report.Builder report = Report.newBuilder();
        StreamObserver<Report> to;
        synchronized (this) {
            to = reports;
            runs.addAll(order.getRunsList());
            acknowledged.addAll(order.getAcknowledgedList());
        }
        for (Quota quota : order.getQuotasList()) {
            report.addQuotasConfirmed(QuotaConfirmed.newBuilder()
                    .setSession(quota.getSession())
                    .setProcesses(quota.getProcesses())
                    .setRevision(quota.getRevision()));
        }
        for (Run run : order.getRunsList()) {
            report.addOutcomes(AttemptOutcome.newBuilder()
                    .setAttempt(run.getAttempt())
                    .setOutcome(Outcome.newBuilder()
                            .setResult(run.getTask().getPayload())
                            .setRunNanos(2_000)));
        }
        for (SessionClosed closed : order.getSessionsClosedList()) {
            report.addQuotasConfirmed(QuotaConfirmed.newBuilder().setSession(closed.getSession()));
        }
        if (order.getStateWanted()) {
            report.setStateComplete(true).setLoad(Load.newBuilder().setProcesses(0));
        }
        if (to != null
                && (order.getStateWanted() || report.getOutcomesCount() + report.getQuotasConfirmedCount() > 0)) {
            to.onNext(report.build());
        }
    }

    /** Every run it was ordered. */
    public synchronized List<Run> runs() {
        return List.copyOf(runs);
    }

    /** Every attempt it was told to forget. */
    public synchronized List<Long> acknowledged() {
        return List.copyOf(acknowledged);
    }

    /** The host's half of the stream. */
    public synchronized StreamObserver<Report> reports() {
        if (reports == null) {
            throw new IllegalStateException("not attached");
        }
        return reports;
    }
}

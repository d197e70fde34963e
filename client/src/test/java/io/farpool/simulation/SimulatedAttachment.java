package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** A simulated host's stream to its coordinator: opened, welcomed, broken, and opened again after a pause. */
final class SimulatedAttachment {
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private final Simulation simulation;
    private final SimulatedHost host;
    private int stream;
    private @Nullable StreamObserver<Report> reports;
    private @Nullable Call<Report, Order> newest;
    private long welcomedMillis;
    private boolean welcomed;
    private long pauseMillis = FIRST_PAUSE_MILLIS;

    SimulatedAttachment(Simulation simulation, SimulatedHost host) {
        this.simulation = simulation;
        this.host = host;
    }

    /** The host begins a life: what may still come of the streams before is nothing to it. */
    void begin() {
        stream++;
        welcomed = false;
        reports = null;
        pauseMillis = FIRST_PAUSE_MILLIS;
    }

    boolean isWelcomed() {
        return welcomed;
    }

    /** Where the host has been told things for so long without a break; null: nowhere. */
    @Nullable
    Call<?, ?> steadyStream(long millis) {
        Call<?, ?> stream = newest;
        boolean steady = welcomed && host.world.nowMillis - welcomedMillis > millis;
        return steady && stream != null && stream.hasBeenUp(millis) ? stream : null;
    }

    void open() {
        host.turn(this::openStream);
    }

    private void openStream() {
        int number = ++stream;
        Call<Report, Order> call = new Call<>(simulation.network, host, "attach", new StreamObserver<Order>() {
            @Override
            public void onNext(Order order) {
                ordered(number, order);
            }

            @Override
            public void onError(Throwable error) {
                ended(number, Status.fromThrowable(error));
            }

            @Override
            public void onCompleted() {
                ended(number, Status.OK);
            }
        });
        newest = call;
        reports =
                call.start(observer -> simulation.coordinator.endpoints.hosts().attach(observer));
        send(Report.newBuilder()
                .setHello(Hello.newBuilder()
                        .setProtocolVersion(Protocol.VERSION)
                        .setHost(host.name)
                        .setIncarnation(host.incarnation())
                        .setSecret(secret(host.name, host.incarnation()))
                        .setSlots(host.slots)
                        .setHeldResultBytes(host.limits.heldFileBytes())
                        .setEpoch(host.core().epoch()))
                .build());
    }

    /** Nobody guesses in a simulation. */
    static ByteString secret(String host, long incarnation) {
        return ByteString.copyFromUtf8("the secret of " + host + " in its incarnation " + incarnation);
    }

    void send(Report report) {
        if (reports != null) {
            simulation.rules.reported(report);
            reports.onNext(report);
        }
    }

    private void ordered(int number, Order order) {
        if (number == stream) {
            host.turn(() -> {
                if (order.getStateWanted()) {
                    host.core().attaching().forEach(this::send);
                }
                host.core().order(order);
                if (order.hasWelcome()) {
                    welcomed = true;
                    welcomedMillis = host.world.nowMillis;
                    pauseMillis = FIRST_PAUSE_MILLIS;
                }
            });
        }
    }

    private void ended(int number, Status status) {
        if (number != stream) {
            return;
        }
        host.turn(() -> host.core().detached());
        reports = null;
        welcomed = false;
        stream++;
        switch (status.getCode()) {
            case FAILED_PRECONDITION, INVALID_ARGUMENT, PERMISSION_DENIED, RESOURCE_EXHAUSTED ->
                simulation.rules.broken(host.name + " was refused: " + status);
            case ABORTED -> simulation.rules.broken(host.name + " was taken for another: " + status);
            default -> {}
        }
        long pause = pauseMillis;
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
        host.later(pause / 2 + host.world.below((int) (pause / 2 + 1)), this::open);
    }

    /** The host leaves. */
    void complete() {
        if (reports != null) {
            reports.onCompleted();
        }
    }
}

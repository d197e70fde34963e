package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.blob.StallWatch;
import io.farpool.proto.v1.PayloadChunk;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ReceiveRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** One try to receive a payload over the simulated network, as {@link io.farpool.payload.PayloadReceipt} makes it. */
final class SimulatedReceipt implements StreamObserver<PayloadChunk> {
    /** Is told once: of all bytes, or of what went wrong. */
    interface Ended {
        void ended(@Nullable ByteString bytes, @Nullable Throwable failure);
    }

    private static final long STALL_MILLIS = 5_000;

    private final Simulation simulation;
    private final Machine receiver;
    private final ReceiveRequest request;
    private final PayloadReference expected;
    private final Ended ended;
    private final StallWatch watch;
    private final long sinceMillis;
    private final Call<ReceiveRequest, PayloadChunk> call;
    private @Nullable StreamObserver<ReceiveRequest> line;
    private ByteString bytes = ByteString.EMPTY;
    private boolean over;

    SimulatedReceipt(
            Simulation simulation, Machine receiver, ReceiveRequest request, PayloadReference expected, Ended ended) {
        this.simulation = simulation;
        this.receiver = receiver;
        this.request = request;
        this.expected = expected;
        this.ended = ended;
        this.sinceMillis = simulation.world.nowMillis;
        this.call = new Call<ReceiveRequest, PayloadChunk>(simulation.network, receiver, "receive", this).ofChunks();
        this.watch = StallWatch.start(step -> receiver.later(STALL_MILLIS, step), this::stalled);
    }

    SimulatedReceipt begun() {
        line = call.start(observer -> {
            simulation.coordinator.endpoints.payloads().receive(request, observer);
            return new Unheard<>();
        });
        simulation.network.mayBreak(call);
        return this;
    }

    /** Gives up; that is told, too, but not at once. */
    void cancel() {
        breakOff(Status.CANCELLED.withDescription("not wanted any more"));
    }

    private void stalled() {
        simulation.rules.stoodStill(receiver, request, sinceMillis);
        breakOff(Status.DEADLINE_EXCEEDED.withDescription("nothing came for " + STALL_MILLIS + " ms"));
    }

    private void breakOff(Status why) {
        if (line != null) {
            line.onError(why.asRuntimeException());
        }
        receiver.later(0, () -> end(null, why.asRuntimeException()));
    }

    @Override
    public void onNext(PayloadChunk chunk) {
        watch.progressed();
        bytes = bytes.concat(chunk.getData());
    }

    @Override
    public void onError(Throwable error) {
        simulation.rules.notReceived(receiver, request, sinceMillis, Status.fromThrowable(error));
        end(null, error);
    }

    @Override
    public void onCompleted() {
        if (!LargeBytes.areOf(expected, bytes)) {
            simulation.rules.broken(
                    receiver.name + " has received " + bytes.toStringUtf8() + " for " + expected + " of " + request);
        }
        end(bytes, null);
    }

    private void end(@Nullable ByteString received, @Nullable Throwable failure) {
        if (!over) {
            over = true;
            watch.end();
            ended.ended(received, failure);
        }
    }
}

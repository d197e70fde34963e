package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.blob.StallWatch;
import io.farpool.proto.v1.SendRequest;
import io.farpool.proto.v1.SendResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sends the payloads that a machine is asked for, some at a time, as {@link io.farpool.payload.PayloadDispatch} does. */
final class SimulatedDispatches {
    private static final int MOST_AT_ONCE = 4;
    private static final int CHUNK_BYTES = 300;
    private static final long STALL_MILLIS = 5_000;

    private final Simulation simulation;
    private final Machine sender;
    private final ArrayDeque<Dispatch> waiting = new ArrayDeque<>();
    private int running;

    SimulatedDispatches(Simulation simulation, Machine sender) {
        this.simulation = simulation;
        this.sender = sender;
    }

    /** @param file what it holds when it is opened; null: it is not there (any more) */
    void send(long transfer, Supplier<@Nullable ByteString> file) {
        waiting.add(new Dispatch(transfer, file));
        sender.later(0, this::startNext);
    }

    private void startNext() {
        while (running < MOST_AT_ONCE && !waiting.isEmpty()) {
            running++;
            waiting.remove().start();
        }
    }

    private final class Dispatch implements StreamObserver<SendResponse> {
        private final long transfer;
        private final Supplier<@Nullable ByteString> file;
        private @Nullable StreamObserver<SendRequest> line;
        private @Nullable StallWatch watch;
        private ByteString left = ByteString.EMPTY;
        private boolean over;

        Dispatch(long transfer, Supplier<@Nullable ByteString> file) {
            this.transfer = transfer;
            this.file = file;
        }

        void start() {
            watch = StallWatch.start(step -> sender.later(STALL_MILLIS, step), this::stalled);
            Call<SendRequest, SendResponse> call = new Call<>(simulation.network, sender, "send", this);
            line = call.start(
                    observer -> simulation.coordinator.endpoints.payloads().send(observer));
            simulation.network.mayBreak(call);
            ByteString opened = file.get();
            if (opened == null) {
                line.onNext(SendRequest.newBuilder()
                        .setTransfer(transfer)
                        .setGone(SendRequest.Gone.getDefaultInstance())
                        .build());
                line.onCompleted();
            } else {
                left = opened;
                line.onNext(SendRequest.newBuilder().setTransfer(transfer).build());
                sendSome();
            }
        }

        private void sendSome() {
            if (over || line == null || watch == null) {
                return;
            }
            if (left.isEmpty()) {
                line.onCompleted();
                return;
            }
            ByteString chunk = left.substring(0, Math.min(CHUNK_BYTES, left.size()));
            left = left.substring(chunk.size());
            line.onNext(SendRequest.newBuilder().setData(chunk).build());
            watch.progressed();
            sender.later(simulation.world.below(3), this::sendSome);
        }

        private void stalled() {
            if (line != null) {
                line.onError(Status.DEADLINE_EXCEEDED.asRuntimeException());
            }
            end();
        }

        @Override
        public void onNext(SendResponse response) {}

        @Override
        public void onError(Throwable error) {
            simulation.rules.notSent(sender, Status.fromThrowable(error));
            end();
        }

        @Override
        public void onCompleted() {
            end();
        }

        private void end() {
            if (!over && watch != null) {
                over = true;
                watch.end();
                running--;
                startNext();
            }
        }
    }
}

package io.farpool.simulation;

import io.farpool.blob.BlobDigest;
import io.farpool.coordinator.scheduling.OfferView;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.session.Connection;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A simulated client's way to its coordinator, for the streams of its session. */
final class SimulatedConnection implements Connection {
    private final Simulation simulation;
    private final SimulatedClient client;

    SimulatedConnection(Simulation simulation, SimulatedClient client) {
        this.simulation = simulation;
        this.client = client;
    }

    @Override
    public Code provideCode(Duration answer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Long> provideShared(Path file, BlobDigest digest) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void open(OpenRequest request, StreamObserver<OpenResponse> response) {
        throw new UnsupportedOperationException();
    }

    @Override
    public StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> response) {
        return new Call<SubmitRequest, SubmitResponse>(simulation.network, client, "submit", response)
                .start(observer ->
                        new Watched(simulation.coordinator.endpoints.pool().submit(observer)));
    }

    @Override
    public void completions(CompletionsRequest request, StreamObserver<CompletionsResponse> responses) {
        Call<CompletionsRequest, CompletionsResponse> call =
                new Call<>(simulation.network, client, "completions", responses);
        client.completions(call);
        StreamObserver<CompletionsRequest> ignored = call.start(observer -> {
            simulation.coordinator.endpoints.pool().completions(request, observer);
            return new Unheard<>();
        });
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> response) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    @Override
    public String target() {
        return "the simulated coordinator";
    }

    @Override
    public void close() {}

    /** Sees what a coordinator makes of outcomes that were taken. */
    private final class Watched implements StreamObserver<SubmitRequest> {
        private final StreamObserver<SubmitRequest> service;

        Watched(StreamObserver<SubmitRequest> service) {
            this.service = service;
        }

        @Override
        public void onNext(SubmitRequest request) {
            Map<Long, PlannedTask> offered = new LinkedHashMap<>();
            for (long attempt : request.getTakenList()) {
                OfferView offer = simulation.coordinator.endpoints.offer(client.sessionId, attempt);
                if (offer != null) {
                    offered.put(attempt, client.tasks.get((int) offer.sequence() - 1));
                }
            }
            service.onNext(request);
            offered.forEach((attempt, task) -> {
                if (simulation.coordinator.endpoints.offer(client.sessionId, attempt) == null) {
                    simulation.rules.taken(task);
                }
            });
        }

        @Override
        public void onError(Throwable error) {
            service.onError(error);
        }

        @Override
        public void onCompleted() {
            service.onCompleted();
        }
    }
}

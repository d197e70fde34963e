package io.farpool.embedded;

import io.farpool.blob.BlobDigest;
import io.farpool.bundle.ClassPathBundle;
import io.farpool.coordinator.Coordinator;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.endpoint.EndpointSettings;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.session.Connection;
import io.farpool.worker.CodeSources;
import io.farpool.worker.Worker;
import io.farpool.worker.WorkerSettings;
import io.farpool.worker.hosting.ProcessKind;
import io.farpool.worker.process.ClassDataArchives;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A coordinator and a worker daemon of this JVM's own, joined by direct calls: the same cores and endpoints as on a cluster,
 * with no port opened and no transport loaded. Worker processes run on this machine, on this JVM's class path in place.
 *
 * <p>Thread-safe. {@link #close} ends the daemon, its processes and the coordinator.
 */
public final class EmbeddedCluster implements Connection {
    private final Bundle classPath;
    private final Coordinator coordinator;
    private final Worker worker;
    private final SharedInPlace shared;

    private EmbeddedCluster(Bundle classPath, Coordinator coordinator, Worker worker, SharedInPlace shared) {
        this.classPath = classPath;
        this.shared = shared;
        this.coordinator = coordinator;
        this.worker = worker;
    }

    /**
     * Starts both, for a session with a task: its first process is started at once, while the session is opened.
     *
     * @param slots tasks that may run at once
     * @param entries what worker processes run on
     * @param process what the session will want of them
     */
    public static EmbeddedCluster start(int slots, ClassPathBundle entries, ProcessSpec process) {
        Bundle classPath = entries.inPlace();
        SharedInPlace shared = new SharedInPlace();
        CodeSources code = new CodeSources(
                (sessionId, bundle) -> CompletableFuture.completedFuture(inPlace(bundle)),
                shared,
                ClassDataArchives.ofUser());
        ProcessKind first = new ProcessKind(
                process, inPlace(classPath).stream().map(Path::toString).toList(), classPath.getRuntimeEntries());
        DirectLink link = new DirectLink(() -> Coordinator.create(CoordinatorSettings.defaults()
                .withEndpoints(EndpointSettings.defaults().withPayloadPaths(true))));
        Worker worker = Worker.start(WorkerSettings.defaults().withSlots(slots), link, code, first);
        try {
            return new EmbeddedCluster(classPath, link.coordinator(), worker, shared);
        } catch (RuntimeException | Error failed) {
            worker.close();
            throw failed;
        }
    }

    private static List<Path> inPlace(Bundle bundle) {
        return bundle.getEntriesList().stream()
                .map(entry -> Path.of(entry.getName()))
                .toList();
    }

    @Override
    public Code provideCode(Duration answer) {
        return new Code(classPath, 0); // the daemon's JDK is this one
    }

    @Override
    public CompletableFuture<Long> provideShared(Path file, BlobDigest digest) {
        shared.add(digest, file);
        return CompletableFuture.completedFuture(0L);
    }

    @Override
    public void open(OpenRequest request, StreamObserver<OpenResponse> response) {
        coordinator.pool().open(request, response);
    }

    @Override
    public StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> response) {
        return coordinator.pool().submit(response);
    }

    @Override
    public void completions(CompletionsRequest request, StreamObserver<CompletionsResponse> responses) {
        coordinator.pool().completions(request, responses);
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> response) {
        coordinator.cluster().describe(request, response);
    }

    @Override
    public boolean isLocal() {
        return true;
    }

    @Override
    public String target() {
        return "this JVM";
    }

    @Override
    public void close() {
        worker.close();
        coordinator.close();
    }
}

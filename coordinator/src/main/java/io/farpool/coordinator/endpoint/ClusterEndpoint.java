package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.scheduling.HostView;
import io.farpool.coordinator.scheduling.SessionView;
import io.farpool.proto.v1.ClusterGrpc;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.HostDescription;
import io.farpool.proto.v1.SessionDescription;
import io.farpool.wire.SerialQueue;
import io.grpc.stub.StreamObserver;
import java.util.function.LongSupplier;

/** What the command line asks, as cluster.proto specifies it. Thread-safe. */
final class ClusterEndpoint extends ClusterGrpc.ClusterImplBase {
    private final Switchboard switchboard;
    private final SerialQueue<Runnable> queue;
    private final SessionBlobs blobs;
    private final LongSupplier clockMillis;
    private final String version;

    /** @param clockMillis time since the coordinator's start */
    ClusterEndpoint(
            Switchboard switchboard,
            SerialQueue<Runnable> queue,
            SessionBlobs blobs,
            LongSupplier clockMillis,
            String version) {
        this.switchboard = switchboard;
        this.queue = queue;
        this.blobs = blobs;
        this.clockMillis = clockMillis;
        this.version = version;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> observer) {
        OutStream<DescribeResponse> response = new OutStream<>("describe", observer);
        Entrance.forCaller(queue, observer).post(() -> {
            response.send(describe(request.getSessionId()));
            response.complete();
        });
    }

    private DescribeResponse describe(String sessionId) {
        DescribeResponse.Builder response = DescribeResponse.newBuilder()
                .setEpoch(switchboard.epoch)
                .setVersion(version)
                .setUptimeMillis(clockMillis.getAsLong())
                .setBlobsReceived(blobs.received())
                .setBlobBytesReceived(blobs.receivedBytes());
        for (HostView host : switchboard.scheduler.hosts()) {
            response.addHosts(describe(host));
        }
        for (SessionView session : switchboard.scheduler.sessions()) {
            if (sessionId.isEmpty() || sessionId.equals(session.sessionId())) {
                response.addSessions(describe(session));
            }
        }
        return response.build();
    }

    private HostDescription describe(HostView host) {
        HostDescription.Builder description = HostDescription.newBuilder()
                .setHost(host.host())
                .setSlots(host.slots())
                .setRunning(host.running())
                .setPrefetched(host.prefetched())
                .setDraining(host.draining())
                .setConnected(host.connected())
                .setAttachedMillis(host.attachedMillis());
        HostStream stream = switchboard.hosts.of(host.host());
        if (stream != null) {
            description
                    .setJdk(stream.jdk())
                    .setProcesses(stream.load().getProcesses())
                    .setBlobsFetched(stream.load().getBlobsFetched())
                    .setBlobBytesFetched(stream.load().getBlobBytesFetched());
        }
        return description.build();
    }

    private SessionDescription describe(SessionView session) {
        SessionLink link = switchboard.sessions.byNumber(session.session());
        return SessionDescription.newBuilder()
                .setSessionId(session.sessionId())
                .setName(link == null ? "" : link.request.getName())
                .setProcesses(session.granted())
                .setQueued(session.queued() + session.awaited())
                .setAssigned(session.assigned())
                .setCompleted(session.completed())
                .setFailed(session.failed())
                .setMaxWorkers(session.maxWorkers())
                .setOpenedMillis(session.openedMillis())
                .build();
    }
}

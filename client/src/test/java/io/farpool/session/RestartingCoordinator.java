package io.farpool.session;

import com.google.protobuf.ByteString;
import io.farpool.codec.Codec;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.FindMissingRequest;
import io.farpool.proto.v1.FindMissingResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PutRequest;
import io.farpool.proto.v1.PutResponse;
import io.farpool.proto.v1.Task;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A coordinator of one session, over gRPC, and the one host it has. The coordinator can be stopped and started anew, on the
 * same port and without its memory; the host goes on, and has each outcome until it is acknowledged. Tasks really run, here.
 *
 * <p>Thread-safe: everything happens under its lock.
 */
final class RestartingCoordinator implements AutoCloseable {
    /** Tasks that may be outstanding. */
    static final int CREDIT = 200;

    final Codec codec = new Codec();
    /** Says what is wrong with what the client does. */
    final List<String> violations = new ArrayList<>();

    private final List<OpenRequest> opens = new ArrayList<>();
    final List<Cancel> cancels = new ArrayList<>();
    /** The host's: how often each task has been run. */
    final Map<Long, Integer> runs = new HashMap<>();

    int codeProvided;
    int grantsGiven;
    /** Open is refused unless the code was provided to this very coordinator. */
    volatile boolean codeIsLostAtRestart;
    /** Sessions are opened, and the client is not told. */
    volatile int openAnswersToLose;
    /** It has to be sent the class path; else it says that it has it already. */
    volatile boolean takesBlobs;
    /** What is submitted is not run. */
    volatile boolean hostIsStopped;
    /** What a stream ends with, and how often: after so many runs each. */
    List<Status> breaks = List.of();

    int runsPerBreak;
    int streamsBroken;

    private final Set<Digest> blobs = new HashSet<>();
    private final Set<Long> atHost = new HashSet<>();
    private final Map<Long, Outcome> held = new HashMap<>();
    private final ExecutorService host = Executors.newSingleThreadExecutor();
    private int totalRuns;
    private int port;
    private long epoch = 100;
    private boolean codeIsHere;
    private ServedSession session;
    private Server server;

    synchronized void start() throws IOException {
        session = new ServedSession(this, ++epoch);
        codeIsHere = !codeIsLostAtRestart;
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .addService(session)
                .addService(blobs())
                .build()
                .start();
        port = server.getPort();
    }

    /** As SIGKILL would: streams end without a word, and all that was known is gone. */
    void kill() throws InterruptedException {
        Server killed;
        synchronized (this) {
            killed = server;
            session.dies();
        }
        killed.shutdownNow();
        if (!killed.awaitTermination(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the server does not end");
        }
    }

    /** Breaks one stream, the one and the other in turn; false if the client does not have both, so that nothing is done. */
    synchronized boolean breakStreams(Status status) {
        boolean broken = session.breakStreams(status, streamsBroken % 2 == 0);
        streamsBroken += broken ? 1 : 0;
        return broken;
    }

    synchronized int totalRuns() {
        return totalRuns;
    }

    synchronized int submitted() {
        return session.submitted();
    }

    synchronized List<OpenRequest> opens() {
        return List.copyOf(opens);
    }

    void opened(OpenRequest request) {
        opens.add(request);
    }

    String target() {
        return "127.0.0.1:" + port;
    }

    private BindableService blobs() {
        return new BlobsGrpc.BlobsImplBase() {
            @Override
            public void findMissing(FindMissingRequest request, StreamObserver<FindMissingResponse> response) {
                FindMissingResponse.Builder missing = FindMissingResponse.newBuilder();
                synchronized (RestartingCoordinator.this) {
                    codeProvided++;
                    codeIsHere = true;
                    if (takesBlobs) {
                        request.getDigestsList().stream()
                                .filter(digest -> !blobs.contains(digest))
                                .forEach(missing::addMissing);
                    }
                }
                response.onNext(missing.build());
                response.onCompleted();
            }

            @Override
            public StreamObserver<PutRequest> put(StreamObserver<PutResponse> response) {
                return new StreamObserver<>() {
                    private Digest digest;

                    @Override
                    public void onNext(PutRequest part) {
                        digest = part.hasDigest() ? part.getDigest() : digest;
                    }

                    @Override
                    public void onError(Throwable thrown) {}

                    @Override
                    public void onCompleted() {
                        synchronized (RestartingCoordinator.this) {
                            blobs.add(digest);
                        }
                        response.onNext(PutResponse.getDefaultInstance());
                        response.onCompleted();
                    }
                };
            }
        };
    }

    boolean hasCode() {
        return codeIsHere;
    }

    // ------------------------------------------------------------------------------------------------ the host

    void run(Task task) {
        if (!hostIsStopped) {
            atHost.add(task.getSequence());
            host.execute(() -> runNow(task));
        }
    }

    private void runNow(Task task) {
        Payload.Builder result = Payload.newBuilder();
        try {
            Callable<?> callable =
                    (Callable<?>) codec.decode(task.getPayload().getInline().asReadOnlyByteBuffer());
            result.setInline(ByteString.copyFrom(codec.encode(callable.call())));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        synchronized (this) {
            totalRuns++;
            runs.merge(task.getSequence(), 1, Integer::sum);
            Outcome outcome = Outcome.newBuilder().setResult(result).build();
            atHost.remove(task.getSequence());
            held.put(task.getSequence(), outcome);
            session.ended(task.getSequence(), outcome);
            if (runsPerBreak > 0 && totalRuns % runsPerBreak == 0) {
                boolean ignored = breakStreams(breaks.get(streamsBroken % breaks.size()));
            }
        }
    }

    boolean isAtHost(long sequence) {
        return atHost.contains(sequence);
    }

    /** The outcome that the host has; null for none. */
    Outcome held(long sequence) {
        return held.get(sequence);
    }

    void acknowledged(long sequence) {
        held.remove(sequence);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
        host.shutdownNow();
        if (!host.awaitTermination(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the host does not end");
        }
    }
}

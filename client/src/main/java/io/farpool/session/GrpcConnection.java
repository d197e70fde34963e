package io.farpool.session;

import io.farpool.blob.BlobDigest;
import io.farpool.bundle.BundleUpload;
import io.farpool.bundle.ClassPathBundle;
import io.farpool.bundle.PackedBundle;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.ClusterGrpc;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.PoolGrpc;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.wire.Protocol;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.SingleThreadIoEventLoop;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection to a coordinator in another process. Calls back on gRPC's event loop: what it calls must not block. */
public final class GrpcConnection implements Connection {
    private static final Logger log = LoggerFactory.getLogger(GrpcConnection.class);

    private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[0-9a-fA-F:.%]+]|[^\\s:/\\[\\]]+):(\\d{1,5})");
    private static final Pattern TARGET_WITH_SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:/.*");
    private static final int MAX_PORT = 65_535;
    /** From silence to a ping, and from that to the verdict that nobody is there: 20 s in all. */
    private static final long KEEP_ALIVE_SECONDS = 10;

    /** One attempt's: after a break of the network a new one gets through sooner than TCP's own repetitions. */
    private static final int CONNECT_MILLIS = 3_000;

    /** A connection that can be made at all is usually made by then. */
    private static final long TRY_AGAIN_MILLIS = 250;

    private static final long CLOSE_SECONDS = 2;
    /** For the coordinator to say whether it has a shared value, beside the time to check one. */
    private static final Duration FIND_MISSING = Duration.ofSeconds(60);

    private static final Set<ConnectivityState> CALLS_GO_OUT =
            Set.of(ConnectivityState.READY, ConnectivityState.SHUTDOWN);
    /** A call has an answer at once, or gets to a coordinator. */
    private static final Set<ConnectivityState> SETTLED =
            Set.of(ConnectivityState.READY, ConnectivityState.SHUTDOWN, ConnectivityState.TRANSIENT_FAILURE);

    private final String target;
    private final ClassPathBundle bundle;
    private final Executor disk;
    /**
     * One: it has little to do, and what comes on two would wake two threads. In no group: the end of a group is told on a thread
     * that a JVM waits for, until Netty is a second old.
     */
    private final EventLoopGroup eventLoop = new SingleThreadIoEventLoop(
            null, new DefaultThreadFactory("farpool-connection", true), NioIoHandler.newFactory());

    private final ManagedChannel channel;
    private final PoolGrpc.PoolStub pool;

    private GrpcConnection(String target, ClassPathBundle bundle, Executor disk) {
        this.target = target;
        this.disk = disk;
        this.bundle = bundle;
        try {
            this.channel = build(target);
        } catch (IllegalArgumentException malformed) {
            endEventLoop();
            throw malformed;
        }
        this.pool = PoolGrpc.newStub(channel);
    }

    private ManagedChannel build(String to) {
        return NettyChannelBuilder.forTarget(to)
                .usePlaintext()
                .directExecutor()
                .eventLoopGroup(eventLoop)
                .channelType(NioSocketChannel.class)
                .maxInboundMessageSize(Protocol.MAX_MESSAGE_BYTES)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .build();
    }

    /**
     * A connection that is made when it is first used.
     *
     * @param target {@code host:port}, or a gRPC target with its scheme, such as {@code dns:///farpool.jobs:7077}
     * @param disk runs what blocks on files
     * @throws IllegalArgumentException when the target is neither
     */
    public static GrpcConnection to(String target, ClassPathBundle bundle, Executor disk) {
        requireTarget(target);
        try {
            return new GrpcConnection(target, bundle, disk);
        } catch (IllegalArgumentException e) {
            throw malformed(target, e);
        }
    }

    /** Throws {@link IllegalArgumentException} when this cannot be a coordinator's address. */
    public static void requireTarget(String target) {
        var hostAndPort = HOST_AND_PORT.matcher(target);
        boolean plain = hostAndPort.matches() && isPort(hostAndPort.group(2));
        if (!plain && !TARGET_WITH_SCHEME.matcher(target).matches()) {
            throw malformed(target, null);
        }
    }

    private static boolean isPort(String digits) {
        int port = Integer.parseInt(digits);
        return port > 0 && port <= MAX_PORT;
    }

    private static IllegalArgumentException malformed(String target, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "the coordinator's address is '" + target
                        + "', expected host:port (as in localhost:7077) or a gRPC target (as in dns:///farpool.jobs:7077)",
                cause);
    }

    @Override
    public Code provideCode(Duration answer) throws IOException, InterruptedException {
        try (PackedBundle packed = bundle.pack()) {
            awaitConnection(answer);
            BundleUpload.Uploaded uploaded = new BundleUpload(BlobsGrpc.newStub(channel), disk, answer)
                    .send(packed)
                    .get();
            log.debug("target={} blobs_sent={} bytes_sent={}", target, uploaded.blobsSent(), uploaded.bytesSent());
            return new Code(uploaded.bundle(), packed.classFileMajorVersion());
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException io) {
                throw io;
            }
            throw Status.fromThrowable(cause).asRuntimeException();
        }
    }

    @Override
    public CompletableFuture<Long> provideShared(Path file, BlobDigest digest) {
        return new BundleUpload(BlobsGrpc.newStub(channel), disk, FIND_MISSING)
                .sendOne(new PackedBundle.Entry("shared value", file, digest));
    }

    @Override
    public void open(OpenRequest request, StreamObserver<OpenResponse> response) {
        pool.open(request, response);
    }

    @Override
    public StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> response) {
        return pool.submit(response);
    }

    @Override
    public void completions(CompletionsRequest request, StreamObserver<CompletionsResponse> responses) {
        pool.completions(request, responses);
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> response) {
        ClusterGrpc.newStub(channel).withDeadlineAfter(5, TimeUnit.SECONDS).describe(request, response);
    }

    @Override
    public PayloadsGrpc.PayloadsStub payloads() {
        return PayloadsGrpc.newStub(channel);
    }

    /** Waits for a connection, or to know that there is none: the time that a slow disk may take is given to a coordinator only. */
    private void awaitConnection(Duration longest) throws InterruptedException {
        CompletableFuture<Void> known = new CompletableFuture<>();
        completeOnState(known, SETTLED);
        try {
            known.get(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("it is only ever completed", e);
        } catch (TimeoutException e) {
            throw Status.DEADLINE_EXCEEDED
                    .withDescription("nobody has answered there within " + longest.toMillis() + " ms")
                    .asRuntimeException();
        } finally {
            known.cancel(false); // nobody listens any more
        }
    }

    /** The channel makes longer and longer pauses between its own attempts; this ends the current one. */
    @Override
    public void tryAgain() throws InterruptedException {
        channel.resetConnectBackoff();
        CompletableFuture<Void> ready = new CompletableFuture<>();
        completeOnState(ready, CALLS_GO_OUT);
        try {
            ready.get(TRY_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException notReady) {
            // The call that follows finds out why.
        } finally {
            ready.cancel(false); // nobody listens any more
        }
    }

    private void completeOnState(CompletableFuture<Void> done, Set<ConnectivityState> awaited) {
        ConnectivityState state = channel.getState(true);
        if (awaited.contains(state)) {
            done.complete(null);
        } else if (!done.isDone()) {
            channel.notifyWhenStateChanged(state, () -> completeOnState(done, awaited));
        }
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public void close() {
        channel.shutdown();
        try {
            if (!channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                channel.shutdownNow();
            }
            // Waited for: a JVM that exits waits 0.3 s for threads that are inside a system call, as an event loop is.
            endEventLoop();
            eventLoop.terminationFuture().await(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            channel.shutdownNow();
            endEventLoop();
            Thread.currentThread().interrupt();
        }
    }

    private void endEventLoop() {
        var unused = eventLoop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}

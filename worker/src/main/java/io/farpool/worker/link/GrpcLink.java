package io.farpool.worker.link;

import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.wire.Protocol;
import io.farpool.worker.socket.SocketLoop;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.IoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC connection to a coordinator, on one event loop of its own, where other sockets may be waited for, too. Calls back on that
 * event loop.
 *
 * <p>How often connecting is tried is {@link AttachStream}'s: a channel that has failed to connect, and would not try again
 * before a backoff of its own, is replaced when a stream is opened. Thread-safe.
 */
public final class GrpcLink implements CoordinatorLink, AutoCloseable {
    private static final int KEEP_ALIVE_SECONDS = 10;
    private static final int CLOSE_SECONDS = 5;

    private final String target;
    private final IoEventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("farpool-link", true), NioIoHandler.newFactory());
    private final SocketLoop sockets = new EventLoopSockets(eventLoop.next());

    private ManagedChannel current;
    private boolean closed;

    /**
     * Does not connect yet.
     *
     * @param target "host:port", or any gRPC target
     * @throws IllegalArgumentException when it is not one
     */
    public GrpcLink(String target) {
        this.target = target;
        try {
            this.current = build();
        } catch (RuntimeException malformed) {
            endEventLoop();
            throw new IllegalArgumentException(
                    "the coordinator is \"" + target + "\", expected host:port or a gRPC target", malformed);
        }
    }

    /** Always goes by the newest connection. */
    @Override
    public Channel channel() {
        return new Channel() {
            @Override
            public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
                return current().newCall(method, options);
            }

            @Override
            public String authority() {
                return current().authority();
            }
        };
    }

    @Override
    public StreamObserver<Report> attach(StreamObserver<Order> orders) {
        return HostsGrpc.newStub(connectable()).attach(orders);
    }

    @Override
    public SocketLoop sockets() {
        return sockets;
    }

    @Override
    public String target() {
        return target;
    }

    /** Ends every stream and the event loop, and closes the other sockets that are waited for there. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        ManagedChannel last = current();
        last.shutdownNow();
        try {
            last.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
            endEventLoop();
            eventLoop.terminationFuture().await(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            endEventLoop();
            Thread.currentThread().interrupt();
        }
    }

    private void endEventLoop() {
        var unused = eventLoop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    private synchronized ManagedChannel current() {
        return current;
    }

    private synchronized ManagedChannel connectable() {
        if (!closed && current.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            current.shutdown();
            current = build();
        }
        return current;
    }

    private ManagedChannel build() {
        return NettyChannelBuilder.forTarget(target)
                .usePlaintext()
                .directExecutor()
                .eventLoopGroup(eventLoop)
                .channelType(NioSocketChannel.class)
                .maxInboundMessageSize(Protocol.MAX_MESSAGE_BYTES)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .build();
    }
}

package io.farpool.bench.scale;

import io.farpool.wire.Protocol;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Connections to one coordinator, all on one event loop. For one thread. */
final class Channels implements AutoCloseable {
    private final String target;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("bench-scale", true), NioIoHandler.newFactory());
    private final List<ManagedChannel> channels = new ArrayList<>();

    Channels(String target) {
        this.target = target;
    }

    /** One more connection, whose calls are answered on the event loop itself. */
    ManagedChannel open() {
        ManagedChannel channel = NettyChannelBuilder.forTarget(target)
                .usePlaintext()
                .directExecutor()
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                .maxInboundMessageSize(Protocol.MAX_MESSAGE_BYTES)
                .build();
        channels.add(channel);
        return channel;
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}

package io.farpool.bench.floor;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;

/** A stream to the relay, heard on the one event loop. */
final class RelayChannel {
    private RelayChannel() {}

    static StreamObserver<byte[]> open(
            String target, MethodDescriptor<byte[], byte[]> method, StreamObserver<byte[]> incoming) {
        ManagedChannel channel = NettyChannelBuilder.forTarget(target)
                .usePlaintext()
                .directExecutor()
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("relay", true), NioIoHandler.newFactory()))
                .maxInboundMessageSize(RelayService.MOST_BYTES)
                .build();
        return ClientCalls.asyncBidiStreamingCall(channel.newCall(method, CallOptions.DEFAULT), incoming);
    }
}

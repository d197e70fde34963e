package io.farpool.bench.floor;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Passes what its one client sends to its one worker and back, on one event loop, as bare as grpc-java lets it. Prints its address;
 * ends with its standard input.
 */
final class Relay {
    private volatile @Nullable StreamObserver<byte[]> client;
    private volatile @Nullable StreamObserver<byte[]> worker;

    private Relay() {}

    public static void main(String[] args) throws Exception {
        Relay relay = new Relay();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .directExecutor()
                .maxInboundMessageSize(RelayService.MOST_BYTES)
                .addService(ServerServiceDefinition.builder(RelayService.NAME)
                        .addMethod(RelayService.CALL, ServerCalls.asyncBidiStreamingCall(relay::fromClient))
                        .addMethod(RelayService.WORK, ServerCalls.asyncBidiStreamingCall(relay::fromWorker))
                        .build())
                .build()
                .start();
        System.out.println("127.0.0.1:" + server.getPort());
        System.out.flush();
        while (System.in.read() >= 0) {
            // Nothing is ever said.
        }
        Runtime.getRuntime().halt(0);
    }

    private StreamObserver<byte[]> fromClient(StreamObserver<byte[]> toClient) {
        client = toClient;
        return new Incoming() {
            @Override
            public void onNext(byte[] message) {
                StreamObserver<byte[]> to = worker;
                if (to == null) {
                    throw new IllegalStateException("the client came before the worker");
                }
                to.onNext(message);
            }
        };
    }

    private StreamObserver<byte[]> fromWorker(StreamObserver<byte[]> toWorker) {
        worker = toWorker;
        return new Incoming() {
            @Override
            public void onNext(byte[] message) {
                StreamObserver<byte[]> to = client;
                if (to == null) {
                    throw new IllegalStateException("the worker answered nobody");
                }
                to.onNext(message);
            }
        };
    }
}

package io.farpool.coordinator;

import io.farpool.coordinator.blob.Callers;
import io.farpool.wire.Protocol;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A coordinator behind a port, over gRPC on Netty, with health checking and reflection beside its own services.
 * Without TLS
 * and credentials it listens on loopback only, unless its settings say {@code insecure}.
 *
 * <p>Thread-safe. Calls are served on the event loops themselves: nothing behind them blocks, except the blob store's
 * disk.
 */
public final class CoordinatorServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CoordinatorServer.class);
    /** The core is serial: more loops than this only read and write for it. */
    private static final int MOST_EVENT_LOOPS = 4;

    private static final long LOOPS_END_MILLIS = 2_000;
    private static final long CLOSE_MILLIS = 5_000;
    /** Of the time that a client may be silent: then it is pinged, and has the rest to answer. */
    private static final double PING_AFTER = 0.6;

    private final Coordinator coordinator;
    private final Server server;
    private final HealthStatusManager health;
    private final EventLoopGroup accepting;
    private final EventLoopGroup serving;

    private CoordinatorServer(Coordinator coordinator, InetSocketAddress address, CoordinatorSettings settings)
            throws IOException {
        this.coordinator = coordinator;
        health = new HealthStatusManager();
        accepting = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("farpool-accept", true), NioIoHandler.newFactory());
        int loops = Math.min(MOST_EVENT_LOOPS, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
        serving = new MultiThreadIoEventLoopGroup(
                loops, new DefaultThreadFactory("farpool-serve", true), NioIoHandler.newFactory());
        long silenceMillis = settings.peerSilence().toMillis();
        long pingMillis = (long) (PING_AFTER * silenceMillis);
        server = NettyServerBuilder.forAddress(address)
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(accepting)
                .workerEventLoopGroup(serving)
                .directExecutor()
                .maxInboundMessageSize(Protocol.MAX_MESSAGE_BYTES)
                // Not the automatic one, which may grow to 8 MiB: so much of every payload that is relayed would wait
                // here for a slow receiver.
                .flowControlWindow(settings.streamWindowBytes())
                .keepAliveTime(pingMillis, TimeUnit.MILLISECONDS)
                .keepAliveTimeout(silenceMillis - pingMillis, TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(coordinator.pool())
                .addService(coordinator.hosts())
                .addService(ServerInterceptors.intercept(coordinator.blobs(), new Callers()))
                .addService(coordinator.payloads())
                .addService(coordinator.cluster())
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .build();
        try {
            server.start();
        } catch (IOException | RuntimeException failed) {
            stopLoops();
            throw failed;
        }
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    }

    /**
     * Starts a coordinator behind the port its settings name.
     *
     * @throws IllegalArgumentException when the address is not a loopback one and the settings do not say {@code
     *     insecure}
     * @throws IOException when the address is unknown, the port is in use, or the data directory cannot be used; the
     *     message
     *     names it
     */
    public static CoordinatorServer start(CoordinatorSettings settings) throws IOException {
        InetSocketAddress address = address(settings);
        Coordinator coordinator = Coordinator.create(settings);
        try {
            coordinator.openBlobs();
            CoordinatorServer server = listen(coordinator, address, settings);
            log.info(
                    "coordinator listening host={} port={} insecure={}",
                    settings.host(),
                    server.port(),
                    settings.insecure());
            return server;
        } catch (IOException | RuntimeException | Error failed) {
            coordinator.close();
            throw failed;
        }
    }

    private static CoordinatorServer listen(
            Coordinator coordinator, InetSocketAddress address, CoordinatorSettings settings) throws IOException {
        try {
            return new CoordinatorServer(coordinator, address, settings);
        } catch (IOException failed) {
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + reason(failed),
                    failed);
        }
    }

    private static InetSocketAddress address(CoordinatorSettings settings) throws IOException {
        InetAddress address;
        try {
            address = InetAddress.getByName(settings.host());
        } catch (UnknownHostException unknown) {
            throw new IOException("cannot listen on '" + settings.host() + "': the address is unknown", unknown);
        }
        if (!address.isLoopbackAddress() && !settings.insecure()) {
            throw new IllegalArgumentException("refusing to listen on " + settings.host()
                    + ", which is not a loopback address, without TLS and credentials:"
                    + " whoever reaches it could run code on every host; say --insecure if the network is trusted");
        }
        return new InetSocketAddress(address, settings.port());
    }

    private static String reason(Throwable failed) {
        Throwable cause = failed;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    /** The port it listens on. */
    public int port() {
        return server.getPort();
    }

    /** The coordinator behind the port. */
    public Coordinator coordinator() {
        return coordinator;
    }

    /** Says it is not serving, ends all streams with UNAVAILABLE, and waits at most that long for calls to end. */
    public void shutdown(Duration atMost) {
        health.enterTerminalState();
        server.shutdown();
        coordinator.close();
        try {
            if (!server.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        stopLoops();
    }

    /** Waits until it has been shut down. */
    public void awaitTermination() throws InterruptedException {
        server.awaitTermination();
    }

    @Override
    public void close() {
        shutdown(Duration.ofMillis(CLOSE_MILLIS));
    }

    private void stopLoops() {
        Future<?> accepted = accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        Future<?> served = serving.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        if (!accepted.awaitUninterruptibly(LOOPS_END_MILLIS) || !served.awaitUninterruptibly(LOOPS_END_MILLIS)) {
            log.warn("event loops did not end within {} ms", LOOPS_END_MILLIS);
        }
    }
}

package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Report;
import io.farpool.worker.link.RefusedException;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The networked daemon against a gRPC server whose service is the test. */
class WorkerDaemonIT {
    private final TestCoordinator coordinator = new TestCoordinator();
    private @Nullable Server server;
    private @Nullable WorkerDaemon daemon;

    @AfterEach
    void close() throws InterruptedException {
        if (daemon != null) {
            daemon.close();
        }
        if (server != null) {
            server.shutdownNow().awaitTermination();
        }
    }

    @Test
    void aDaemonIntroducesItselfAndIsWelcomed() throws IOException {
        int port = serve(0, new Attach(null));
        daemon = WorkerDaemon.start(settings(port));
        Hello hello = coordinator.reports().get(0).getHello();
        assertThat(hello.getHost()).isEqualTo("testhost");
        assertThat(hello.getSlots()).isEqualTo(2);
        assertThat(hello.getIncarnation()).isNotZero();
        assertThat(hello.getCapabilities().getClassFileMajorVersion())
                .isEqualTo(Runtime.version().feature() + 44);
        assertThat(hello.getCapabilities().getMemoryBytes()).isPositive();
        assertThat(daemon.attached()).isTrue();
        coordinator.await("load", Report::hasLoad);
    }

    @Test
    void aCoordinatorThatIsNotThereIsAOneLineError() throws IOException {
        int port = freePort();
        List<Path> before = directories();
        assertThatThrownBy(() -> WorkerDaemon.start(settings(port).withConnectTimeout(Duration.ofMillis(300))))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("cannot reach coordinator localhost:" + port + ": Connection refused")
                .hasMessageEndingWith("expected a running coordinator there")
                .hasMessageNotContaining("\n");
        assertThat(directories()).isEqualTo(before);
    }

    @Test
    void aDaemonWaitsForItsCoordinatorToComeUp() throws IOException {
        int port = freePort();
        Thread late = new Thread(() -> {
            try {
                serve(port, new Attach(null));
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        });
        Thread delay = new Thread(() -> {
            try {
                Thread.sleep(300);
            } catch (InterruptedException interrupted) {
                return;
            }
            late.start();
        });
        delay.start();
        daemon = WorkerDaemon.start(settings(port));
        assertThat(daemon.attached()).isTrue();
    }

    @Test
    void aRefusalIsFinal() throws IOException {
        int port = serve(0, new Attach(Status.FAILED_PRECONDITION.withDescription("this is version 2, you speak 1")));
        assertThatThrownBy(() -> WorkerDaemon.start(settings(port)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("this is version 2, you speak 1");
    }

    @Test
    void anotherHostOfTheSameNameEndsTheDaemon() throws IOException {
        int port = serve(0, new Attach(null));
        daemon = WorkerDaemon.start(settings(port));
        coordinator.breakStream(Status.ABORTED.withDescription("a newer stream has come"));
        WorkerDaemon ending = daemon;
        assertThatThrownBy(ending::awaitTermination)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("another host named \"testhost\"");
        assertThat(daemon.terminated()).isTrue();
        assertThat(daemon.failure()).contains("testhost");
    }

    @Test
    void aDaemonComesBackToACoordinatorThatWasRestarted() throws IOException, InterruptedException {
        int port = serve(0, new Attach(null));
        daemon = WorkerDaemon.start(settings(port));
        coordinator.open(1, 1, ProcessSpec.getDefaultInstance());
        Server first = server;
        coordinator.forgetReports();
        first.shutdownNow().awaitTermination();
        serve(port, new Attach(null));
        Report hello = coordinator.await("hello", Report::hasHello);
        assertThat(hello.getHello().getEpoch()).isEqualTo(7);
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!daemon.attached()) {
            assertThat(System.nanoTime()).as("welcomed in 20 s").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void closingLeavesNothingBehind() throws IOException {
        List<Path> before = directories();
        int port = serve(0, new Attach(null));
        daemon = WorkerDaemon.start(settings(port));
        assertThat(directories()).as("the cache's and the processes'").hasSize(before.size() + 2);
        assertThat(Thread.getAllStackTraces().keySet())
                .as("the processes' sockets are on the link's")
                .extracting(Thread::getName)
                .noneMatch(name -> name.equals("farpool-processes"));
        daemon.close();
        assertThat(directories()).isEqualTo(before);
        assertThat(daemon.terminated()).isTrue();
        assertThat(daemon.failure()).isNull();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("farpool-link") || name.equals("farpool-processes"));
    }

    private static WorkerSettings settings(int port) {
        return WorkerSettings.defaults()
                .withCoordinator("localhost:" + port)
                .withName("testhost")
                .withSlots(2)
                .withConnectTimeout(Duration.ofSeconds(10));
    }

    private int serve(int port, Attach service) throws IOException {
        Server started = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .directExecutor()
                .addService(service)
                .build()
                .start();
        server = started;
        return started.getPort();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static List<Path> directories() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(path -> path.getFileName()
                            .toString()
                            .matches("farpool-(cache-)?"
                                    + ProcessHandle.current().pid() + "-.*"))
                    .sorted()
                    .toList();
        }
    }

    private final class Attach extends HostsGrpc.HostsImplBase {
        private final @Nullable Status refusal;

        Attach(@Nullable Status refusal) {
            this.refusal = refusal;
        }

        @Override
        public StreamObserver<Report> attach(StreamObserver<Order> orders) {
            if (refusal != null) {
                orders.onError(refusal.asRuntimeException());
            }
            return coordinator.attach(orders);
        }
    }
}

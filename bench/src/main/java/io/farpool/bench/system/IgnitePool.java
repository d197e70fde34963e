package io.farpool.bench.system;

import java.io.Serializable;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCompute;
import org.apache.ignite.Ignition;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.logger.NullLogger;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;

/** A thick client of Ignite, whose compute grid is the servers. */
final class IgnitePool implements Pool {
    /**
     * By default Ignite's sockets have buffers of 32 KiB, less than a packet of loopback (64 KiB). TCP then sent nothing but when its
     * persist timer ran out, every 0.2 s, for minutes, while all threads of Ignite's waited.
     */
    private static final int SYSTEMS_OWN = 0;

    private final Ignite ignite;
    private final IgniteCompute compute;

    IgnitePool(List<String> servers) {
        ignite = Ignition.start(configuration(servers).setClientMode(true));
        compute = ignite.compute(ignite.cluster().forServers());
    }

    /** What clients and servers have in common. Failing over is left on, as it is by default. */
    static IgniteConfiguration configuration(List<String> servers) {
        return new IgniteConfiguration()
                .setGridLogger(new NullLogger())
                // Else it would make a directory where the command was given.
                .setWorkDirectory(Programs.ownJar().resolveSibling("ignite").toString())
                .setLocalHost("127.0.0.1")
                .setMetricsLogFrequency(0)
                .setDiscoverySpi(new TcpDiscoverySpi().setIpFinder(new TcpDiscoveryVmIpFinder().setAddresses(servers)))
                .setCommunicationSpi(new TcpCommunicationSpi()
                        .setSocketReceiveBuffer(SYSTEMS_OWN)
                        .setSocketSendBuffer(SYSTEMS_OWN));
    }

    @Override
    public <T, C extends Callable<T> & Serializable> Future<T> submit(C task) {
        CompletableFuture<T> future = new CompletableFuture<>();
        compute.callAsync(new Job<>(task)).listen(done -> {
            try {
                future.complete(done.get());
            } catch (RuntimeException failure) {
                future.completeExceptionally(failure);
            }
        });
        return future;
    }

    @Override
    public void close() {
        ignite.close();
    }

    /** Not a record, nor may the task be one: Ignite's marshaller cannot read their fields. */
    private static final class Job<T> implements IgniteCallable<T> {
        private static final long serialVersionUID = 1L;

        private final Callable<T> task;

        Job(Callable<T> task) {
            this.task = task;
        }

        @Override
        public T call() throws Exception {
            return task.call();
        }
    }
}

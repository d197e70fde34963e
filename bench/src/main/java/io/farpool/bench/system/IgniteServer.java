package io.farpool.bench.system;

import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;

/** An Ignite server: {@code SLOTS PORT ADDRESS…}. Says in a line that it is ready; ends with its standard input. */
final class IgniteServer {
    private IgniteServer() {}

    public static void main(String[] args) throws Exception {
        List<String> addresses = List.of(args).subList(2, args.length);
        IgniteConfiguration configuration =
                IgnitePool.configuration(addresses).setPublicThreadPoolSize(Integer.parseInt(args[0]));
        ((TcpDiscoverySpi) configuration.getDiscoverySpi())
                .setLocalPort(Integer.parseInt(args[1]))
                .setLocalPortRange(1);
        Ignite ignite = Ignition.start(configuration);
        Servers.ready(ignite::close);
    }
}

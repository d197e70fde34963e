package io.farpool.bench.driver;

import io.farpool.bench.system.Kind;
import io.farpool.bench.system.Pool;
import io.farpool.bench.system.Pools;
import io.farpool.bench.system.Servers;
import java.util.List;

/**
 * A process of one system: {@code KIND HOSTS SLOTS}, the slots of each host. Starts the system's servers, connects to them, and carries
 * out workloads. With addresses after these it starts no servers and uses those.
 */
public final class Driver {
    private Driver() {}

    public static void main(String[] args) throws Exception {
        Kind kind = Kind.of(args[0]);
        int hosts = Integer.parseInt(args[1]);
        int slots = Integer.parseInt(args[2]);
        List<String> given = List.of(args).subList(3, args.length);
        try (Servers servers = given.isEmpty() ? Servers.start(kind, hosts, slots) : Servers.none();
                Pool pool = Pools.open(kind, given.isEmpty() ? servers.addresses() : given, hosts * slots)) {
            Conversation.hold(new Workloads(pool, hosts * slots)::run);
        }
        // Whatever threads a system's client has left behind.
        System.exit(0);
    }
}

package io.farpool.bench.driver;

import io.farpool.bench.system.Kind;
import io.farpool.bench.system.Servers;

/** The servers of one system, for programs that come and go: {@code KIND HOSTS SLOTS}. Prints their addresses, ends with its input. */
public final class Serve {
    private Serve() {}

    public static void main(String[] args) throws Exception {
        try (Servers servers = Servers.start(Kind.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]))) {
            System.out.println("addresses " + String.join(" ", servers.addresses()));
            System.out.flush();
            while (System.in.read() >= 0) {
                // Nothing is ever said.
            }
        }
    }
}

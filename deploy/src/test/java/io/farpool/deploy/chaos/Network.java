package io.farpool.deploy.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Machines that hear each other through one switch, all of them network namespaces of this test's own: this machine's network
 * is not touched, and has no link to them.
 *
 * <pre>
 *   fp-PID-NAME: eth0 10.77.0.N ── to-NAME ─┐
 *   fp-PID-NAME: eth0 10.77.0.N ── to-NAME ─┼─ bridge, in fp-PID-switch: here packets are dropped and held up
 * </pre>
 *
 * <p>Closing it ends every process in the namespaces, by its id, and removes them, and with them links, rules and queues. What
 * a run that was killed has left is removed by the next one. Each method may be called by any thread; those for one machine by
 * one at a time.
 */
final class Network implements AutoCloseable {
    private static final String PREFIX = "fp-";
    private static final String SWITCH = "switch";
    private static final long LONGEST_END_MILLIS = 20_000;

    private final String prefix = PREFIX + ProcessHandle.current().pid() + "-";
    private final Map<String, String> addresses = new LinkedHashMap<>();

    /** Should this test be ended by force, but kindly. */
    private final Thread shutdownHook = new Thread(this::removeAll, "network-removal");

    private Network() {
        Runtime.getRuntime().addShutdownHook(shutdownHook);
    }

    /** Why there can be none here; empty: there can. */
    static Optional<String> missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("network namespaces need root");
        }
        for (List<String> needed :
                List.of(List.of("ip", "netns", "list"), List.of("nsenter", "--version"), List.of("tc", "-Version"))) {
            if (!Shell.succeeds(needed.toArray(String[]::new))) {
                return Optional.of("there is no " + needed.get(0) + " command");
            }
        }
        String probe = PREFIX + ProcessHandle.current().pid() + "-probe";
        if (!Shell.succeeds("ip", "netns", "add", probe)) {
            return Optional.of("network namespaces cannot be made");
        }
        boolean bridges = Shell.succeeds("ip", "-n", probe, "link", "add", "name", "bridge", "type", "bridge");
        Shell.succeeds("ip", "netns", "del", probe);
        return bridges ? Optional.empty() : Optional.of("the kernel has no bridges");
    }

    /** Whether packets can be dropped one by one. */
    static boolean canDropPackets() {
        return Shell.succeeds("nft", "--version");
    }

    static Network create(List<String> machines) throws IOException {
        removeLeftovers();
        Network network = new Network();
        try {
            network.build(machines);
            return network;
        } catch (IOException | RuntimeException failed) {
            network.close();
            throw failed;
        }
    }

    private void build(List<String> machines) throws IOException {
        String hub = namespace(SWITCH);
        Shell.run("ip", "netns", "add", hub);
        Shell.run("ip", "-n", hub, "link", "add", "name", "bridge", "type", "bridge");
        Shell.run("ip", "-n", hub, "link", "set", "bridge", "up");
        for (String machine : machines) {
            String own = namespace(machine);
            String address = "10.77.0." + (addresses.size() + 1);
            Shell.run("ip", "netns", "add", own);
            addresses.put(machine, address);
            Shell.run(
                    "ip",
                    "-n",
                    hub,
                    "link",
                    "add",
                    "name",
                    port(machine),
                    "type",
                    "veth",
                    "peer",
                    "name",
                    "eth0",
                    "netns",
                    own);
            Shell.run("ip", "-n", hub, "link", "set", port(machine), "master", "bridge", "up");
            Shell.run("ip", "-n", own, "addr", "add", address + "/24", "dev", "eth0");
            Shell.run("ip", "-n", own, "link", "set", "eth0", "up");
            Shell.run("ip", "-n", own, "link", "set", "lo", "up");
        }
    }

    String address(String machine) {
        return addresses.getOrDefault(machine, "");
    }

    /** The command, to be run on that machine, in the process that is started for it. */
    List<String> on(String machine, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace(machine)));
        whole.addAll(command);
        return whole;
    }

    // ------------------------------------------------------------------------------------------------------- faults

    /** The machine's cable is pulled: it sees that there is no carrier. */
    void unplug(String machine) throws IOException {
        Shell.run("ip", "-n", namespace(SWITCH), "link", "set", port(machine), "down");
    }

    void plugIn(String machine) throws IOException {
        Shell.run("ip", "-n", namespace(SWITCH), "link", "set", port(machine), "up");
    }

    /** So many of a hundred packets from the machine and to it are lost, with nobody told. */
    void drop(String machine, int fromPercent, int toPercent) throws IOException {
        Shell.run(
                "ip",
                "netns",
                "exec",
                namespace(SWITCH),
                "nft",
                "table bridge " + table(machine) + " { chain forward { type filter hook forward priority 0;"
                        + rule("iifname", machine, fromPercent)
                        + rule("oifname", machine, toPercent)
                        + " }; }");
    }

    private static String rule(String way, String machine, int percent) {
        if (percent == 0) {
            return "";
        }
        String which = percent == 100 ? "" : " numgen random mod 100 < " + percent;
        return " " + way + " \"" + port(machine) + "\"" + which + " drop;";
    }

    void dropNothing(String machine) throws IOException {
        Shell.run("ip", "netns", "exec", namespace(SWITCH), "nft", "delete", "table", "bridge", table(machine));
    }

    /** The machine's link carries no more than this, each way; what waits longer than a fifth of a second is lost. */
    void slow(String machine, int kilobits) throws IOException {
        slow(namespace(SWITCH), port(machine), kilobits);
        slow(namespace(machine), "eth0", kilobits);
    }

    private static void slow(String namespace, String link, int kilobits) throws IOException {
        Shell.run(
                "tc",
                "-n",
                namespace,
                "qdisc",
                "replace",
                "dev",
                link,
                "root",
                "tbf",
                "rate",
                kilobits + "kbit",
                "burst",
                "32kb",
                "latency",
                "200ms");
    }

    void fast(String machine) throws IOException {
        Shell.run("tc", "-n", namespace(SWITCH), "qdisc", "del", "dev", port(machine), "root");
        Shell.run("tc", "-n", namespace(machine), "qdisc", "del", "dev", "eth0", "root");
    }

    // ---------------------------------------------------------------------------------------------------------- end

    /** Waits for the last process on any machine to end; tells those that do not, as {@code ps} shows them. */
    List<String> processesLeft() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_END_MILLIS);
        while (true) {
            List<String> left = new ArrayList<>();
            for (String machine : addresses.keySet()) {
                for (ProcessHandle process : processes(namespace(machine))) {
                    left.add(machine + ": " + process.pid() + " "
                            + process.info().commandLine().orElse(""));
                }
            }
            if (left.isEmpty() || System.nanoTime() > deadline) {
                return left;
            }
            Thread.sleep(100);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(shutdownHook);
        removeAll();
    }

    private void removeAll() {
        for (String machine : addresses.keySet()) {
            remove(namespace(machine));
        }
        remove(namespace(SWITCH));
    }

    /** Of runs whose test has been killed. */
    private static void removeLeftovers() throws IOException {
        for (String line : Shell.run("ip", "netns", "list").lines().toList()) {
            String name = line.split(" ", 2)[0];
            String[] parts = name.split("-", 3);
            if (parts.length == 3
                    && name.startsWith(PREFIX)
                    && parts[1].matches("\\d+")
                    && ProcessHandle.of(Long.parseLong(parts[1])).isEmpty()) {
                remove(name);
            }
        }
    }

    private static void remove(String namespace) {
        try {
            for (ProcessHandle process : processes(namespace)) {
                process.destroyForcibly();
            }
            Shell.run("ip", "netns", "del", namespace);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static List<ProcessHandle> processes(String namespace) throws IOException {
        return Shell.run("ip", "netns", "pids", namespace)
                .lines()
                .map(Long::parseLong)
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .toList();
    }

    private String namespace(String machine) {
        return prefix + machine;
    }

    private static String port(String machine) {
        return "to-" + machine;
    }

    private static String table(String machine) {
        return "chaos_" + machine;
    }
}

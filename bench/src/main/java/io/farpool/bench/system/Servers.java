package io.farpool.bench.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The processes that a system needs beside its client, on loopback: one for each host, and Farpool's coordinator. They end when this
 * is closed; whoever kills this process must kill its descendants too. For one thread.
 */
public final class Servers implements AutoCloseable {
    private static final long END_SECONDS = 20;
    /** As bin/farpool starts the worker daemon. */
    private static final List<String> DAEMON_OPTIONS = List.of("-XX:+UseSerialGC");

    private final List<Process> processes = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();

    private Servers() {}

    /** None, for a system that has none. */
    public static Servers none() {
        return new Servers();
    }

    /**
     * Starts a system's servers, and waits until they are ready.
     *
     * @param hosts how many machines to stand for
     * @param slots of each
     */
    public static Servers start(Kind kind, int hosts, int slots) throws IOException {
        Servers servers = new Servers();
        try {
            switch (kind) {
                case FARPOOL_CLUSTER -> servers.startFarpool(hosts, slots);
                case IGNITE -> servers.startMembers(kind, IgniteServer.class.getName(), hosts, slots);
                case HAZELCAST -> servers.startMembers(kind, HazelcastServer.class.getName(), hosts, slots);
                case FARPOOL_EMBEDDED, PYTHON, LOCAL, FLOOR -> {}
            }
            return servers;
        } catch (IOException | RuntimeException failure) {
            servers.close();
            throw failure;
        }
    }

    /** Where a client finds them. */
    public List<String> addresses() {
        return List.copyOf(addresses);
    }

    private void startFarpool(int hosts, int slots) throws IOException {
        String said = start(command(List.of(), "coordinator", "--port", "0"));
        String address = said.substring(said.lastIndexOf(' ') + 1);
        addresses.add(address);
        for (int i = 1; i <= hosts; i++) {
            String ignored = start(command(
                    DAEMON_OPTIONS,
                    "worker",
                    "--coordinator",
                    address,
                    "--slots",
                    "" + slots,
                    "--name",
                    "bench-" + i + "-" + ProcessHandle.current().pid()));
        }
    }

    private static List<String> command(List<String> options, String... arguments) {
        List<String> command = Programs.java(options, Programs.daemonClassPath(), "io.farpool.cli.Farpool");
        command.addAll(List.of(arguments));
        return command;
    }

    private void startMembers(Kind kind, String main, int hosts, int slots) throws IOException {
        List<Integer> ports = freePorts(hosts);
        ports.forEach(port -> addresses.add("127.0.0.1:" + port));
        for (int port : ports) {
            List<String> command = Programs.java(kind.jvmOptions(), Programs.classPath(kind), main);
            command.add("" + slots);
            command.add("" + port);
            command.addAll(addresses);
            String ignored = start(command);
        }
    }

    /** Its first line says that it is ready. What else it prints is read and dropped, so that it never waits. */
    private String start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        while (line != null && !line.startsWith("ready") && !line.contains(" on ") && !line.contains("attached")) {
            line = out.readLine();
        }
        if (line == null) {
            throw new IOException("a server has ended before it was ready; its standard error says why");
        }
        Thread drain = new Thread(() -> out.lines().forEach(ignored -> {}), "server-output");
        drain.setDaemon(true);
        drain.start();
        return line;
    }

    /** For a server's main: says that it is ready, and closes it when its standard input ends, as it does with its parent. */
    static void ready(Runnable close) throws IOException {
        System.out.println("ready");
        System.out.flush();
        while (System.in.read() >= 0) {
            // Nothing is ever said.
        }
        close.run();
        Runtime.getRuntime().halt(0);
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                ports.add(socket.getLocalPort());
            }
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
        return ports;
    }

    @Override
    public void close() {
        for (int i = processes.size() - 1; i >= 0; i--) {
            Process process = processes.get(i);
            try {
                process.getOutputStream().close();
                process.destroy();
                if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (IOException ended) {
                process.destroyForcibly();
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}

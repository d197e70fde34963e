package io.farpool.worker.process;

import io.farpool.proto.v1.ProcessHello;
import io.farpool.worker.socket.SocketLoop;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door of the processes' socket: takes connections, and tells by their tokens whose they are. On the loop's thread, but for
 * {@link #start} and {@link #expect}.
 */
final class Admission {
    /** So long a connection may take to say who it is, and until somebody looks. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Connections that have not said yet who they are; more are closed at once. */
    private static final int MAX_UNIDENTIFIED = 256;

    private static final Logger log = LoggerFactory.getLogger(Admission.class);

    /** What is called when a connection is ready, one that has not said who it is among them. */
    interface Ready {
        void ready(ProcessConnection connection, int operations);
    }

    private final SocketLoop loop;
    private final Duration patience;
    private final Ready ready;
    private final ServerSocketChannel server;
    private final Map<String, Long> expected = new ConcurrentHashMap<>();
    private final List<ProcessConnection> unidentified = new ArrayList<>();
    private volatile SocketLoop.@Nullable Registration accepting;

    /** Takes the address, and nobody yet. */
    Admission(SocketLoop loop, Path socket, Duration patience, Ready ready) throws IOException {
        this.loop = loop;
        this.patience = patience;
        this.ready = ready;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
            server.configureBlocking(false);
        } catch (Throwable failure) {
            closeQuietly(server);
            throw failure;
        }
    }

    /** Takes connections from now on. */
    void start() throws IOException {
        try {
            accepting = loop.register(server, SelectionKey.OP_ACCEPT, operations -> accept());
        } catch (Throwable failure) {
            closeQuietly(server);
            throw failure;
        }
    }

    /** A connection that says this token is that process's. Good for one connection. */
    void expect(String token, long process) {
        expected.put(token, process);
    }

    void expectNoMore(String token) {
        expected.remove(token);
    }

    /** Whether a connection that has said this is expected. If so, it is its process's from now on; if not, it is closed. */
    boolean admits(ProcessConnection connection, ProcessHello hello) {
        Long process = expected.remove(hello.getToken());
        unidentified.remove(connection);
        if (process == null) {
            log.warn(
                    "event=stranger-refused reason=\"a connection to the process socket has no token that is expected\"");
            connection.close();
            return false;
        }
        connection.belongsTo(process);
        return true;
    }

    /** It is closed. */
    void forget(ProcessConnection connection) {
        unidentified.remove(connection);
    }

    /** Closes those that have not said in time who they are. Accepts again, should that have failed. */
    void look() {
        await(SelectionKey.OP_ACCEPT);
        long now = System.nanoTime();
        unidentified.removeIf(connection -> {
            boolean silent = now - connection.acceptedNanos > patience.toNanos();
            if (silent) {
                connection.close();
            }
            return silent;
        });
    }

    /** Takes nobody any more, and closes those that have not said who they are. */
    void close() {
        unidentified.forEach(ProcessConnection::close);
        SocketLoop.Registration registration = accepting;
        if (registration != null) {
            registration.cancel();
        }
        closeQuietly(server);
    }

    private void accept() {
        try {
            for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
                take(channel);
            }
        } catch (IOException failure) {
            log.warn("event=process-not-accepted reason=\"{}\"", failure.toString());
            await(0); // it would fail again at once, as long as there are no file descriptors
        }
    }

    private void take(SocketChannel channel) {
        if (unidentified.size() >= MAX_UNIDENTIFIED) {
            closeQuietly(channel);
            return;
        }
        try {
            ProcessConnection connection = new ProcessConnection(channel);
            connection.waitOn(loop, operations -> ready.ready(connection, operations));
            unidentified.add(connection);
        } catch (IOException | RuntimeException | Error failure) {
            closeQuietly(channel);
            log.warn("event=process-not-served reason=\"{}\"", failure.toString(), failure);
        }
    }

    private void await(int operations) {
        SocketLoop.Registration registration = accepting;
        if (registration != null) {
            registration.await(operations);
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception alreadyBroken) {
            log.debug("event=close-failed reason=\"{}\"", alreadyBroken.toString());
        }
    }
}

package io.farpool.worker.process;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ToProcess;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of all worker processes, on one thread that never blocks on any of them: a process that does not read, or does
 * not speak, delays nobody else. What arrives in one turn is handed on together.
 *
 * <p>{@link #send}, {@link #expect} and {@link #finish} may be called by any thread.
 */
final class ProcessLoop {
    /** Connections that have not said yet who they are; more are closed at once. */
    private static final int MAX_UNIDENTIFIED = 256;

    private static final long HELLO_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int SCRATCH_BYTES = 1 << 18;
    private static final Logger log = LoggerFactory.getLogger(ProcessLoop.class);

    /** Is told on the loop's thread, or, of a disconnection, on a sender's. */
    interface Listener {
        void said(List<Said> frames);

        void disconnected(long process);
    }

    private final PayloadClaims claims;
    private final Listener listener;
    private final Selector selector;
    private final ServerSocketChannel server;
    private final Thread thread;
    private final Map<String, Long> expected = new ConcurrentHashMap<>();
    private final Map<Long, ProcessConnection> connections = new ConcurrentHashMap<>();
    private final List<ProcessConnection> unidentified = new ArrayList<>();
    private final Queue<Runnable> errands = new ConcurrentLinkedQueue<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
    private List<Said> arrived = new ArrayList<>();
    private volatile boolean closed;

    ProcessLoop(Path socket, PayloadClaims claims, Listener listener) throws IOException {
        this.claims = claims;
        this.listener = listener;
        this.selector = Selector.open();
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        this.thread = new Thread(this::run, "farpool-processes");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** A connection that says this token is that process's. Good for one connection. */
    void expect(String token, long process) {
        expected.put(token, process);
    }

    /**
     * Sends a frame; one for a process that is not connected (any more) is dropped. One that is too large ends the connection,
     * and so the process: what follows it would make no sense without it.
     */
    void send(long process, ToProcess message) {
        ProcessConnection connection = connections.get(process);
        if (connection == null) {
            return;
        }
        try {
            connection.send(message);
        } catch (IOException broken) {
            log.debug("event=process-write-failed process={} reason=\"{}\"", process, broken.toString());
            // What it has said before is still to be read: the loop sees the end of the stream, and tells of it.
        } catch (IllegalArgumentException tooLarge) {
            log.warn("event=frame-not-sent process={} reason=\"{}\"", process, tooLarge.getMessage());
            errands.add(() -> {
                readRest(connection);
                drop(connection, "a frame for it was too large");
            });
            selector.wakeup();
        }
    }

    /** A process has exited: hands on all that it has said, closes its connection, and then runs this on the loop's thread. */
    void finish(String token, long process, Runnable then) {
        errands.add(() -> {
            expected.remove(token);
            ProcessConnection connection = connections.remove(process);
            if (connection != null) {
                readRest(connection);
                connection.close();
            }
            handOn();
            then.run();
        });
        selector.wakeup();
    }

    /** Ends the thread and closes every connection. */
    void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                turn();
            }
        } catch (IOException broken) {
            log.error("event=process-loop-broken reason=\"{}\"", broken.toString(), broken);
        } finally {
            unidentified.forEach(ProcessConnection::close);
            connections.values().forEach(ProcessConnection::close);
            closeQuietly(server);
            closeQuietly(selector);
        }
    }

    private void turn() throws IOException {
        selector.select(unidentified.isEmpty() ? 0 : TimeUnit.NANOSECONDS.toMillis(HELLO_NANOS));
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
            SelectionKey key = ready.next();
            ready.remove();
            try {
                if (key.isAcceptable()) {
                    accept();
                } else if (key.attachment() instanceof ProcessConnection connection) {
                    serve(connection, key);
                }
            } catch (CancelledKeyException closedMeanwhile) {
                // Served for the last time.
            }
        }
        handOn();
        for (Runnable errand = errands.poll(); errand != null; errand = errands.poll()) {
            errand.run();
        }
        if (!unidentified.isEmpty()) {
            dropSilent();
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
            if (unidentified.size() >= MAX_UNIDENTIFIED) {
                channel.close();
            } else {
                channel.configureBlocking(false);
                unidentified.add(new ProcessConnection(channel, selector));
            }
        }
    }

    private void serve(ProcessConnection connection, SelectionKey key) {
        try {
            if (key.isWritable()) {
                connection.writable();
            }
            if (key.isReadable() && read(connection) < 0) {
                drop(connection, "the process closed it");
            }
        } catch (PayloadClaims.RefusedException refused) {
            refused(connection, refused);
            drop(connection, refused.getMessage());
        } catch (IOException broken) {
            drop(connection, broken.getMessage());
        }
    }

    private int read(ProcessConnection connection) throws IOException {
        return connection.read(scratch, message -> take(connection, message));
    }

    private void take(ProcessConnection connection, FromProcess message) {
        if (connection.process() == 0) {
            identify(connection, message);
        }
        if (connection.process() != 0) {
            arrived.add(new Said(connection.process(), claims.claim(connection.process(), message)));
        }
    }

    private void identify(ProcessConnection connection, FromProcess message) {
        Long process = expected.remove(message.getHello().getToken());
        unidentified.remove(connection);
        if (process == null) {
            log.warn(
                    "event=stranger-refused reason=\"a connection to the process socket has no token that is expected\"");
            connection.close();
        } else {
            connection.belongsTo(process);
            connections.put(process, connection);
        }
    }

    private void readRest(ProcessConnection connection) {
        try {
            while (read(connection) > 0) {}
        } catch (PayloadClaims.RefusedException refused) {
            refused(connection, refused);
        } catch (IOException broken) {
            log.debug("event=process-read-failed process={} reason=\"{}\"", connection.process(), broken.toString());
        }
    }

    /** It has the process ended, and nobody else would know why. */
    private static void refused(ProcessConnection connection, PayloadClaims.RefusedException refused) {
        log.warn("event=process-refused process={} reason=\"{}\"", connection.process(), refused.getMessage());
    }

    private void drop(ProcessConnection connection, String reason) {
        log.debug("event=process-disconnected process={} reason=\"{}\"", connection.process(), reason);
        connection.close();
        unidentified.remove(connection);
        if (connection.process() != 0 && connections.remove(connection.process(), connection)) {
            handOn();
            listener.disconnected(connection.process());
        }
    }

    private void dropSilent() {
        long now = System.nanoTime();
        unidentified.removeIf(connection -> {
            boolean silent = now - connection.acceptedNanos > HELLO_NANOS;
            if (silent) {
                connection.close();
            }
            return silent;
        });
    }

    private void handOn() {
        if (!arrived.isEmpty()) {
            List<Said> together = arrived;
            arrived = new ArrayList<>();
            listener.said(together);
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

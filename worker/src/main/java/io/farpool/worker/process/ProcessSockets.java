package io.farpool.worker.process;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.worker.socket.SocketLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of all worker processes, on one loop that never blocks on any of them: a process that does not read, or does
 * not speak, delays nobody else. What arrives in one turn of the loop is handed on together; but a message that names files is
 * heard, and what its process says after it, once another thread has claimed them ({@link PayloadClaims}).
 *
 * <p>{@link #send}, {@link #expect}, {@link #finish} and {@link #look} may be called by any thread.
 */
final class ProcessSockets {
    private static final int CLOSE_SECONDS = 5;
    private static final int SCRATCH_BYTES = 1 << 18;
    private static final Logger log = LoggerFactory.getLogger(ProcessSockets.class);

    /** Of what a process that is about to be disconnected has said, so much is heard: more than a socket holds. */
    private static final int REST_BYTES = 16 << 20;

    /** Is told on the loop's thread, and must not block it. */
    interface Listener {
        void said(List<Said> frames);

        void disconnected(long process);
    }

    private final PayloadClaims claims;
    private final Listener listener;
    private final SocketLoop loop;
    private final Executor disk;
    private final Admission admission;
    private final Map<Long, ProcessConnection> connections = new ConcurrentHashMap<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
    private List<Said> arrived = new ArrayList<>();

    private ProcessSockets(
            SocketLoop loop, Executor disk, Path socket, Duration patience, PayloadClaims claims, Listener listener)
            throws IOException {
        this.loop = loop;
        this.disk = disk;
        this.claims = claims;
        this.listener = listener;
        this.admission = new Admission(loop, socket, patience, this::serve);
    }

    /**
     * Listens for processes.
     *
     * @param disk runs what blocks on it
     * @param patience how long a connection may take to say who it is
     */
    static ProcessSockets open(
            SocketLoop loop, Executor disk, Path socket, Duration patience, PayloadClaims claims, Listener listener)
            throws IOException {
        ProcessSockets sockets = new ProcessSockets(loop, disk, socket, patience, claims, listener);
        sockets.admission.start();
        return sockets;
    }

    /** A connection that says this token is that process's. Good for one connection. */
    void expect(String token, long process) {
        admission.expect(token, process);
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
            unwritable(connection, broken);
        } catch (IllegalArgumentException tooLarge) {
            log.warn("event=frame-not-sent process={} reason=\"{}\"", process, tooLarge.getMessage());
            loop.execute(() -> {
                readRest(connection);
                drop(connection, "a frame for it was too large");
            });
        }
    }

    /** What it has said before is still to be read: the loop sees the end of the stream then, and tells of it. */
    private static void unwritable(ProcessConnection connection, IOException broken) {
        log.debug("event=process-write-failed process={} reason=\"{}\"", connection.process(), broken.toString());
    }

    /**
     * A process has exited: hands on all that it has said, closes its connection, and then runs this on the loop's thread, or here
     * if that has ended.
     */
    void finish(String token, long process, Runnable then) {
        boolean willFinish = loop.execute(() -> {
            admission.expectNoMore(token);
            ProcessConnection connection = connections.get(process);
            if (connection == null) {
                handOnAndThen(then);
            } else {
                readRest(connection);
                connection.inTurn(() -> {
                    connections.remove(process);
                    connection.close();
                    handOnAndThen(then);
                });
            }
        });
        if (!willFinish) {
            then.run(); // nobody reads any more
        }
    }

    private void handOnAndThen(Runnable then) {
        try {
            handOn();
        } finally {
            then.run();
        }
    }

    /** To be called every few seconds: closes connections that have not said in time who they are. */
    void look() {
        loop.execute(admission::look);
    }

    /** Closes every connection. Waits for it, a few seconds at most; not to be called on the loop's thread. */
    void close() {
        CountDownLatch closed = new CountDownLatch(1);
        boolean willClose = loop.execute(() -> {
            closeAll();
            closed.countDown();
        });
        if (!willClose) {
            closeAll(); // nobody else is there any more
            return;
        }
        try {
            if (!closed.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("event=process-sockets-linger after_seconds={}", CLOSE_SECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAll() {
        admission.close();
        connections.values().forEach(ProcessConnection::close);
    }

    private void serve(ProcessConnection connection, int operations) {
        if ((operations & SelectionKey.OP_WRITE) != 0) {
            try {
                connection.writable();
            } catch (IOException broken) {
                unwritable(connection, broken);
            }
        }
        if ((operations & SelectionKey.OP_READ) == 0) {
            return;
        }
        try {
            if (read(connection) < 0) {
                drop(connection, "the process closed it");
            }
        } catch (PayloadClaims.RefusedException refused) {
            refuse(connection, refused);
        } catch (IOException broken) {
            drop(connection, broken.getMessage());
        } catch (RuntimeException | Error bug) {
            fail(connection, bug);
        }
    }

    private int read(ProcessConnection connection) throws IOException {
        return connection.read(scratch, message -> take(connection, message));
    }

    private void take(ProcessConnection connection, FromProcess message) {
        if (!connection.isTaken()) {
            return;
        }
        if (connection.process() == 0) {
            if (!admission.admits(connection, message.getHello())) {
                connection.takeNoMore();
                return;
            }
            connections.put(connection.process(), connection);
        }
        if (claims.namesFiles(message)) {
            connection.inTurn(() -> claim(connection, message));
        } else {
            connection.inTurn(() -> hear(connection, message));
        }
    }

    private void hear(ProcessConnection connection, FromProcess message) {
        if (connection.isIgnored()) {
            return;
        }
        if (arrived.isEmpty()) {
            loop.execute(this::handOn); // when the others that are ready have been read
        }
        arrived.add(new Said(connection.process(), message));
    }

    /** Has a message's files claimed, where the disk may take its time. What its process says next waits for that. */
    private void claim(ProcessConnection connection, FromProcess message) {
        if (connection.isIgnored()) {
            return;
        }
        connection.hold();
        try {
            disk.execute(() -> {
                Runnable then = claimed(connection, message);
                loop.execute(() -> {
                    try {
                        then.run();
                    } finally {
                        connection.release();
                    }
                });
            });
        } catch (RejectedExecutionException closing) {
            connection.ignore();
            connection.release();
        } catch (RuntimeException | Error noThread) {
            failInTurn(connection, noThread);
            connection.release();
        }
    }

    private Runnable claimed(ProcessConnection connection, FromProcess message) {
        try {
            FromProcess claimed = claims.claim(connection.process(), message);
            return () -> hear(connection, claimed);
        } catch (PayloadClaims.RefusedException refused) {
            return () -> {
                connection.ignore();
                refuse(connection, refused);
            };
        } catch (RuntimeException | Error bug) {
            return () -> failInTurn(connection, bug);
        }
    }

    private void readRest(ProcessConnection connection) {
        try {
            int most = REST_BYTES;
            for (int count = read(connection); count > 0 && most > 0; count = read(connection)) {
                most -= count;
            }
        } catch (PayloadClaims.RefusedException refused) {
            refused(connection, refused);
            connection.takeNoMore();
        } catch (IOException broken) {
            log.debug("event=process-read-failed process={} reason=\"{}\"", connection.process(), broken.toString());
        } catch (RuntimeException | Error bug) {
            log.error("event=bug process={}", connection.process(), bug);
        }
    }

    private void refuse(ProcessConnection connection, PayloadClaims.RefusedException refused) {
        refused(connection, refused);
        connection.takeNoMore();
        drop(connection, refused.getMessage());
    }

    /** What it has said is lost in part: unless the process ends, somebody would wait for that for ever. */
    private void fail(ProcessConnection connection, Throwable bug) {
        log.error("event=bug process={}", connection.process(), bug);
        connection.takeNoMore();
        drop(connection, bug.toString());
    }

    /** As above, with what waits behind that. */
    private void failInTurn(ProcessConnection connection, Throwable bug) {
        connection.ignore();
        fail(connection, bug);
    }

    /** It has the process ended, and nobody else would know why. */
    private static void refused(ProcessConnection connection, PayloadClaims.RefusedException refused) {
        log.warn("event=process-refused process={} reason=\"{}\"", connection.process(), refused.getMessage());
    }

    /** Nothing that it says from now on is heard. What it has said before is. */
    private void drop(ProcessConnection connection, @Nullable String reason) {
        log.debug("event=process-disconnected process={} reason=\"{}\"", connection.process(), reason);
        connection.close();
        admission.forget(connection);
        if (connection.process() != 0) {
            connection.inTurn(() -> {
                if (connections.remove(connection.process(), connection)) {
                    handOn();
                    listener.disconnected(connection.process());
                }
            });
        }
    }

    private void handOn() {
        if (!arrived.isEmpty()) {
            List<Said> together = arrived;
            arrived = new ArrayList<>();
            listener.said(together);
        }
    }
}

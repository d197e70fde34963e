package io.farpool.process;

import com.google.protobuf.UnsafeByteOperations;
import io.farpool.RemoteCallable;
import io.farpool.codec.Codec;
import io.farpool.codec.Envelope;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.ProcessNotes;
import io.farpool.wire.Protocol;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays the daemon in a rehearsal: this JVM's worker process says hello to it, runs a few tasks of the common kinds, and stops.
 * It exists so that the JVM loads what a worker process needs up to its first tasks, and can leave an archive of that.
 *
 * <p>Should anything not go as it should, the JVM halts with a code, and there is no archive.
 */
final class RehearsalDaemon implements Runnable {
    /** The first argument of the main class, if it asks for this. */
    static final String ARGUMENT = "rehearse";

    private static final int NOT_AS_REHEARSED = 71;
    private static final int DEADLINE_MILLIS = 120_000;
    private static final String TOKEN = "rehearsal";

    private final ServerSocketChannel server;
    private final Codec codec = new Codec();
    private final FrameReader<FromProcess> reader = new FrameReader<>(FromProcess.parser(), Protocol.MAX_MESSAGE_BYTES);
    private final ByteBuffer received = ByteBuffer.allocate(1 << 16);
    private final Deque<FromProcess> frames = new ArrayDeque<>();

    private enum Kind {
        PLAIN,
        WITH_BODY {
            @Override
            boolean isPlain() {
                return false;
            }
        };

        boolean isPlain() {
            return true;
        }
    }

    private record Sample(String name, Kind kind, List<String> words, Map<String, Long> counts) implements Envelope {}

    /** A class that is not Serializable and has fields. */
    private static final class Plain {
        private final double[] numbers;
        private final Sample sample;

        Plain(double[] numbers, Sample sample) {
            this.numbers = numbers;
            this.sample = sample;
        }
    }

    private RehearsalDaemon(ServerSocketChannel server) {
        this.server = server;
    }

    /**
     * Starts it, and gives a worker process's arguments.
     *
     * @param directory for the socket and the notes; whoever has made it removes it
     */
    static String[] start(Path directory) {
        try {
            Path socket = directory.resolve("s");
            Path notes = directory.resolve("notes");
            var unused = ProcessNotes.create(notes);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(socket));
            onThread("farpool-rehearsal", new RehearsalDaemon(server));
            onThread("farpool-deadline", RehearsalDaemon::haltAtDeadline);
            return new String[] {socket.toString(), notes.toString(), TOKEN};
        } catch (IOException e) {
            throw new UncheckedIOException("cannot rehearse", e);
        }
    }

    private static void onThread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void haltAtDeadline() {
        try {
            Thread.sleep(DEADLINE_MILLIS);
        } catch (InterruptedException nobodyDoes) {
            // Then it is over now.
        }
        Runtime.getRuntime().halt(NOT_AS_REHEARSED);
    }

    @Override
    public void run() {
        try (server;
                SocketChannel process = server.accept()) {
            FrameWriter writer = new FrameWriter(process, Protocol.MAX_MESSAGE_BYTES);
            expect(next(process).hasHello(), "hello");
            RemoteCallable<Integer> initializer = () -> 0;
            send(
                    writer,
                    ToProcess.newBuilder()
                            .setPrepare(Prepare.newBuilder()
                                    .setProtocolVersion(Protocol.VERSION)
                                    .setSessionId(TOKEN)
                                    .setHost(TOKEN)
                                    .setInitializer(payload(initializer))));
            expect(next(process).getReady(), "ready");
            runTasks(process, writer);
            send(writer, ToProcess.newBuilder().setStop(true));
            // The process exits; its socket closes with it.
            int ignored = reader.read(process, received, frames::add);
        } catch (IOException | RuntimeException | Error e) {
            System.err.println("the rehearsal failed: " + e);
            Runtime.getRuntime().halt(NOT_AS_REHEARSED);
        }
    }

    private void runTasks(SocketChannel process, FrameWriter writer) throws IOException {
        int number = 41;
        Sample sample = new Sample(
                "sample", Kind.WITH_BODY, new ArrayList<>(List.of("a", "b")), new HashMap<>(Map.of("a", 1L)));
        Plain plain = new Plain(new double[] {1, 2}, sample);
        List<RemoteCallable<?>> tasks = List.of(
                () -> number + 1,
                () -> List.of(sample, Map.of(sample.name, sample.kind.isPlain())),
                () -> new Plain(plain.numbers, plain.sample),
                () -> new ChunkOutcomes<>(new ArrayList<>(
                        List.of(ItemOutcome.of("x"), ItemOutcome.failed(new IllegalStateException("x"))))),
                () -> {
                    throw new IllegalStateException("rehearsed");
                });
        for (int i = 0; i < tasks.size(); i++) {
            send(
                    writer,
                    ToProcess.newBuilder()
                            .addRuns(RunInProcess.newBuilder()
                                    .setOrdinal(i + 1)
                                    .setStartNumber(1)
                                    .setSequence(i + 1)
                                    .setPayload(payload(tasks.get(i)))));
            ProcessOutcome outcome = next(process).getOutcomes(0);
            boolean last = i == tasks.size() - 1;
            expect(outcome.hasFailure() == last, "the outcome of task " + (i + 1));
        }
    }

    private Payload payload(Object value) {
        return Payload.newBuilder()
                .setInline(UnsafeByteOperations.unsafeWrap(codec.encode(value)))
                .build();
    }

    private FromProcess next(SocketChannel process) throws IOException {
        while (frames.isEmpty()) {
            if (reader.read(process, received, frames::add) < 0) {
                throw new EOFException("the process has closed its socket");
            }
        }
        return frames.remove();
    }

    private static void send(FrameWriter writer, ToProcess.Builder frame) throws IOException {
        writer.add(frame.build());
        boolean ignored = writer.flush(); // a blocking channel
    }

    private static void expect(boolean asItShould, String what) {
        if (!asItShould) {
            throw new IllegalStateException("not as expected: " + what);
        }
    }
}

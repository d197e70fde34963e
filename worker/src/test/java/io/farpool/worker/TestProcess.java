package io.farpool.worker;

import com.google.protobuf.ByteString;
import io.farpool.payload.PayloadWriter;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.ProcessNotes;
import io.farpool.wire.Protocol;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import org.jspecify.annotations.Nullable;

/**
 * A worker process for this module's tests, which do not see the client's: its tasks are lines of text, such as "echo a",
 * "sleep 100" or "exit 3".
 */
public final class TestProcess {
    private static final RunInProcess STOP =
            RunInProcess.newBuilder().setOrdinal(-1).build();

    private static final List<ByteBuffer> KEPT = new ArrayList<>();

    private final FrameWriter writer;
    private final Path notesFile;
    private final ProcessNotes notes;
    private final BlockingDeque<RunInProcess> waiting = new LinkedBlockingDeque<>();
    private @Nullable Thread taskThread;
    private Path payloadDirectory = Path.of("/");
    private int files;
    private long runs;

    private TestProcess(SocketChannel channel, Path notesFile) throws IOException {
        this.writer = new FrameWriter(channel, Protocol.MAX_FRAME_BYTES);
        this.notesFile = notesFile;
        this.notes = ProcessNotes.open(notesFile);
    }

    public static void main(String[] args) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(args[0]));
        TestProcess process = new TestProcess(channel, Path.of(args[1]));
        process.send(FromProcess.newBuilder()
                .setHello(ProcessHello.newBuilder()
                        .setProtocolVersion(Protocol.VERSION)
                        .setToken(args[2])
                        .setPid(ProcessHandle.current().pid())));
        process.taskThread = new Thread(process::runTasks, "task");
        FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), Protocol.MAX_FRAME_BYTES);
        ByteBuffer scratch = ByteBuffer.allocateDirect(1 << 16);
        while (reader.read(channel, scratch, process::take) >= 0) {}
        Runtime.getRuntime().halt(70);
    }

    private synchronized void take(ToProcess message) {
        if (message.hasPrepare()) {
            payloadDirectory = Path.of(message.getPrepare().getPayloadDirectory());
            Payload given = message.getPrepare().getInitializer();
            String initializer = given.hasReference()
                    ? read(given.getReference())
                    : given.getInline().toStringUtf8();
            System.setProperty("initializer", initializer);
            if (initializer.startsWith("exit ")) {
                System.err.println("giving up before it has begun");
                System.exit(Integer.parseInt(initializer.substring(5)));
            } else if (initializer.startsWith("throw ")) {
                send(FromProcess.newBuilder()
                        .setPrepareFailed(Failure.newBuilder().setMessage(initializer.substring(6))));
                System.exit(0);
            }
            send(FromProcess.newBuilder().setReady(true));
            Objects.requireNonNull(taskThread).start();
        }
        waiting.addAll(message.getRunsList());
        for (long ordinal : message.getWithdrawList()) {
            if (waiting.removeIf(run -> run.getOrdinal() == ordinal)) {
                send(FromProcess.newBuilder().addWithdrawn(ordinal));
            }
        }
        if (message.getInterrupt() != 0 && message.getInterrupt() == runs) {
            Objects.requireNonNull(taskThread).interrupt();
        }
        if (message.getStop()) {
            waiting.add(STOP);
        }
    }

    private void runTasks() {
        while (true) {
            RunInProcess next;
            try {
                next = waiting.take();
            } catch (InterruptedException late) {
                continue;
            }
            if (next.getOrdinal() < 0) {
                System.exit(0);
            }
            synchronized (this) {
                runs = next.getOrdinal();
            }
            notes.started(next.getOrdinal());
            ProcessOutcome.Builder outcome = ProcessOutcome.newBuilder().setOrdinal(next.getOrdinal());
            long began = System.nanoTime();
            try {
                outcome.setResult(run(next.getPayload()));
            } catch (Exception thrown) {
                outcome.setFailure(Failure.newBuilder()
                        .setClassName(thrown.getClass().getName())
                        .setMessage(String.valueOf(thrown.getMessage())));
            }
            synchronized (this) {
                runs = 0;
            }
            send(FromProcess.newBuilder().addOutcomes(outcome.setRunNanos(System.nanoTime() - began)));
        }
    }

    private Payload run(Payload payload) throws Exception {
        if (payload.hasReference()) {
            return inline(read(payload.getReference()));
        }
        String task = payload.getInline().toStringUtf8();
        if (task.startsWith("large ")) {
            return large(Integer.parseInt(task.substring(6)));
        } else if (task.startsWith("leave ")) {
            return leave(inline(task.substring(6)));
        } else if (task.startsWith("leave-file ")) {
            return leave(Payload.newBuilder()
                    .setReference(PayloadReference.newBuilder().setPath(task.substring(11)))
                    .build());
        } else if (task.startsWith("scribble ")) {
            return scribble(Long.parseLong(task.substring(9)));
        } else if (task.startsWith("claim ")) {
            return Payload.newBuilder()
                    .setReference(PayloadReference.newBuilder().setPath(task.substring(6)))
                    .build();
        }
        return inline(run(task));
    }

    /** Dies with an outcome that it has not sent. */
    private Payload leave(Payload result) {
        ProcessOutcome outcome = ProcessOutcome.newBuilder()
                .setOrdinal(notes.startedLast())
                .setResult(result)
                .build();
        if (notes.leave(outcome)) {
            Runtime.getRuntime().halt(3);
        }
        throw new IllegalStateException("the notes have no room");
    }

    /** Dies with notes that say that so many bytes have not been sent, and are none. */
    private Payload scribble(long bytes) throws IOException {
        try (FileChannel file = FileChannel.open(notesFile, StandardOpenOption.WRITE)) {
            ByteBuffer nonsense = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            int ignored = file.write(nonsense.putLong(bytes).putLong(-1).flip(), Long.BYTES);
        }
        Runtime.getRuntime().halt(3);
        throw new AssertionError("halted");
    }

    /** What a file holds, in few words. */
    private static String read(PayloadReference reference) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of(reference.getPath()));
            return bytes.length + " bytes of " + bytes[0];
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    private Payload large(int sizeBytes) throws IOException {
        try (PayloadWriter writer = PayloadWriter.create(payloadDirectory.resolve("" + ++files))) {
            byte[] bytes = new byte[sizeBytes];
            Arrays.fill(bytes, (byte) 5);
            writer.write(bytes);
            return Payload.newBuilder().setReference(writer.finish().here()).build();
        }
    }

    private static Payload inline(String result) {
        return Payload.newBuilder().setInline(ByteString.copyFromUtf8(result)).build();
    }

    private static String run(String task) throws Exception {
        String[] words = task.split(" ", 2);
        return switch (words[0]) {
            case "echo" -> words[1];
            case "pid" -> Long.toString(ProcessHandle.current().pid());
            case "directory" -> System.getProperty("java.io.tmpdir");
            case "property" -> System.getProperty(words[1]);
            case "environment" -> String.valueOf(System.getenv(words[1]));
            case "sleep" -> {
                Thread.sleep(Long.parseLong(words[1]));
                yield "slept";
            }
            case "spin" -> {
                while (System.nanoTime() != 0) {
                    Thread.onSpinWait();
                }
                yield "impossible";
            }
            case "throw" -> throw new IllegalStateException(words[1]);
            case "exit" -> {
                System.err.println("leaving with " + words[1]);
                Runtime.getRuntime().halt(Integer.parseInt(words[1]));
                yield "impossible";
            }
            case "print" -> {
                System.out.println(words[1]);
                System.err.println("error: " + words[1]);
                yield "printed";
            }
            case "flood" -> {
                for (int i = 0; i < Integer.parseInt(words[1]); i++) {
                    System.out.println("line " + i);
                }
                yield "flooded";
            }
            case "heap" -> Long.toString(Runtime.getRuntime().maxMemory());
            case "keep" -> {
                KEPT.add(touched(Integer.parseInt(words[1])));
                yield Long.toString(ProcessHandle.current().pid());
            }
            case "eat" -> {
                while (true) {
                    KEPT.add(touched(16));
                }
            }
            case "fork" ->
                Long.toString(new ProcessBuilder("/bin/sleep", "1000")
                        .inheritIO()
                        .start()
                        .pid());
            default -> throw new IllegalArgumentException(task);
        };
    }

    /** So many MiB that are really there, outside the heap. */
    private static ByteBuffer touched(int mebibytes) {
        ByteBuffer memory = ByteBuffer.allocateDirect(mebibytes << 20);
        for (int i = 0; i < memory.capacity(); i += 4_096) {
            memory.put(i, (byte) 1);
        }
        return memory;
    }

    private void send(FromProcess.Builder message) {
        synchronized (writer) {
            try {
                writer.add(message.build());
                writer.flush();
            } catch (IOException gone) {
                Runtime.getRuntime().halt(70);
            }
        }
    }
}

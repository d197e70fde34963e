package io.farpool.bench.hot;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.Task;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.Protocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Messages of a small task as frames, and back: no socket, only the framing and protobuf. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameBenchmark {
    private static final int MESSAGES = 64;

    private final Run message = Run.newBuilder()
            .setSession(1)
            .setAttempt(1_000)
            .setStartNumber(1)
            .setTask(Task.newBuilder()
                    .setSequence(1_000)
                    .setPayload(Payload.newBuilder().setInline(ByteString.copyFrom(new byte[64]))))
            .build();
    private final FrameWriter writer = new FrameWriter(new Nowhere(), Protocol.MAX_FRAME_BYTES);
    private final FrameReader<Run> reader = new FrameReader<>(Run.parser(), Protocol.MAX_FRAME_BYTES);
    private ByteBuffer frames = ByteBuffer.allocate(0);

    /** Makes what is read. */
    @Setup
    public void frame() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FrameWriter into = new FrameWriter(Channels.newChannel(bytes), Protocol.MAX_FRAME_BYTES);
        for (int i = 0; i < MESSAGES; i++) {
            into.add(message);
        }
        boolean ignored = into.flush();
        frames = ByteBuffer.allocateDirect(bytes.size()).put(bytes.toByteArray());
    }

    /** 64 of them, then one flush. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public boolean write() throws IOException {
        for (int i = 0; i < MESSAGES; i++) {
            // One that has not been sent before: its size is not known yet.
            writer.add(message.toBuilder().setAttempt(i).build());
        }
        return writer.flush();
    }

    /** 64 of them that came together. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public void read(Blackhole blackhole) throws IOException {
        frames.flip();
        reader.feed(frames, blackhole::consume);
    }

    private static final class Nowhere implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) {
            int count = bytes.remaining();
            bytes.position(bytes.limit());
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}

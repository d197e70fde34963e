package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.Protocol;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop with real sockets; at their other ends is the test instead of processes. */
@Timeout(60)
class ProcessLoopTest {
    private final BlockingQueue<Long> said = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> disconnected = new LinkedBlockingQueue<>();
    private DaemonDirectory directory;
    private ProcessLoop loop;

    @BeforeEach
    void start() throws IOException {
        directory = DaemonDirectory.create();
        loop = new ProcessLoop(directory.socket(), new PayloadClaims(directory), new ProcessLoop.Listener() {
            @Override
            public void said(List<Said> frames) {
                frames.forEach(frame -> said.add(frame.process()));
            }

            @Override
            public void disconnected(long process) {
                disconnected.add(process);
            }
        });
        loop.start();
    }

    @AfterEach
    void close() {
        loop.close();
        directory.remove();
    }

    private SocketChannel connect(long process) throws IOException, InterruptedException {
        loop.expect("token " + process, process);
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(directory.socket()));
        FrameWriter writer = new FrameWriter(channel, Protocol.MAX_FRAME_BYTES);
        writer.add(FromProcess.newBuilder()
                .setHello(ProcessHello.newBuilder().setToken("token " + process))
                .build());
        writer.flush();
        assertThat(said.poll(30, TimeUnit.SECONDS)).isEqualTo(process);
        return channel;
    }

    /** All that comes until the connection ends, or until that many have come. */
    private static List<ToProcess> read(SocketChannel channel, int most) throws IOException {
        FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), Protocol.MAX_FRAME_BYTES);
        ByteBuffer scratch = ByteBuffer.allocateDirect(1 << 16);
        List<ToProcess> frames = new ArrayList<>();
        while (frames.size() < most && reader.read(channel, scratch, frames::add) >= 0) {}
        return frames;
    }

    private static ToProcess named(String name) {
        return ToProcess.newBuilder()
                .addRuns(RunInProcess.newBuilder().setOrdinal(1).setName(name))
                .build();
    }

    @Test
    void aFrameThatIsTooLargeEndsItsProcessAndNoOther() throws IOException, InterruptedException {
        ToProcess small = named("small");
        ToProcess large = named("n".repeat(Protocol.MAX_FRAME_BYTES));
        try (SocketChannel one = connect(1);
                SocketChannel two = connect(2)) {
            loop.send(1, small);
            loop.send(1, large);
            loop.send(1, small);
            loop.send(2, small);
            assertThat(disconnected.poll(30, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(read(one, Integer.MAX_VALUE))
                    .as("nothing comes after what is missing")
                    .containsExactly(small);
            assertThat(read(two, 1)).containsExactly(small);
            assertThat(disconnected).isEmpty();
        }
    }
}

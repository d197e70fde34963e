package io.farpool.worker.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What both kinds of loop have in common. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class SocketLoopTest {
    @Parameter
    private TestLoop.Kind kind;

    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private TestLoop loop;
    private Pipe pipe;
    /** Shows that the loop has looked at its sockets. */
    private Pipe beacon;

    private final BlockingQueue<String> looks = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws IOException {
        loop = kind.start();
        pipe = open();
        beacon = open();
        loop.loop().register(beacon.source(), SelectionKey.OP_READ, operations -> looks.add(read(beacon, operations)));
    }

    private static Pipe open() throws IOException {
        Pipe opened = Pipe.open();
        opened.source().configureBlocking(false);
        opened.sink().configureBlocking(false);
        return opened;
    }

    @AfterEach
    void close() throws IOException {
        loop.close();
        for (Pipe opened : List.of(pipe, beacon)) {
            opened.source().close();
            opened.sink().close();
        }
    }

    private String next() throws InterruptedException {
        return seen.poll(30, TimeUnit.SECONDS);
    }

    private void take(int operations) {
        seen.add(read(pipe, operations));
    }

    /** Takes one byte, and says which. */
    private static String read(Pipe from, int operations) {
        ByteBuffer one = ByteBuffer.allocate(1);
        try {
            int read = from.source().read(one);
            return operations == SelectionKey.OP_READ && read == 1 ? "read " + one.get(0) : "nothing";
        } catch (IOException broken) {
            return broken.toString();
        }
    }

    private void put(int... values) throws IOException {
        for (int value : values) {
            write(pipe, value);
        }
    }

    private static void write(Pipe to, int value) throws IOException {
        assertThat(to.sink().write(ByteBuffer.wrap(new byte[] {(byte) value}))).isEqualTo(1);
    }

    /** Until the loop has looked at its sockets twice more. */
    private void settle() throws IOException, InterruptedException {
        for (int i = 0; i < 2; i++) {
            write(beacon, i);
            assertThat(looks.poll(30, TimeUnit.SECONDS)).isEqualTo("read " + i);
        }
    }

    @Test
    void servesASocketForAsLongAsItIsReady() throws IOException, InterruptedException {
        loop.loop().register(pipe.source(), SelectionKey.OP_READ, this::take);
        put(1, 2);
        assertThat(List.of(next(), next())).containsExactly("read 1", "read 2");
        put(3);
        assertThat(next()).isEqualTo("read 3");
    }

    @Test
    void servesNoneThatIsNotAwaited() throws IOException, InterruptedException {
        SocketLoop.Registration registration = loop.loop().register(pipe.source(), 0, this::take);
        put(1);
        settle();
        assertThat(seen).isEmpty();
        registration.await(SelectionKey.OP_READ);
        assertThat(next()).isEqualTo("read 1");
        registration.await(0);
        settle();
        put(2);
        settle();
        assertThat(seen).isEmpty();
    }

    @Test
    void servesNoneThatIsCancelled() throws IOException, InterruptedException {
        SocketLoop.Registration registration = loop.loop().register(pipe.source(), SelectionKey.OP_READ, this::take);
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        loop.loop().execute(() -> {
            registration.cancel();
            cancelled.complete(null);
        });
        cancelled.join();
        put(1);
        settle();
        registration.await(SelectionKey.OP_READ);
        settle();
        assertThat(seen).isEmpty();
    }

    @Test
    void runsErrandsInOrderOnOneThread() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String name = "errand " + i;
            loop.loop().execute(() -> {
                threads.add(Thread.currentThread());
                seen.add(name);
            });
        }
        assertThat(List.of(next(), next(), next())).containsExactly("errand 0", "errand 1", "errand 2");
        assertThat(threads).hasSize(3).containsOnly(threads.get(0));
    }

    @Test
    void goesOnAfterWhatThrows() throws IOException, InterruptedException {
        loop.loop().execute(() -> {
            throw new IllegalStateException("an errand's, as the test wants it");
        });
        loop.loop().register(pipe.source(), SelectionKey.OP_READ, operations -> {
            take(operations);
            throw new IllegalStateException("a socket's, as the test wants it");
        });
        put(1, 2);
        assertThat(List.of(next(), next())).containsExactly("read 1", "read 2");
    }

    @Test
    void saysThatItHasEnded() throws IOException {
        loop.close();
        assertThatThrownBy(() -> loop.loop().register(pipe.source(), SelectionKey.OP_READ, this::take))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("loop");
        assertThat(loop.loop().execute(() -> seen.add("never"))).isFalse();
    }

    /** Whoever has been told that it will run waits for it. */
    @Test
    void runsWhatItHasTakenBeforeItEnds() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        loop.loop().execute(() -> {
            begun.countDown();
            awaitQuietly(mayEnd);
        });
        begun.await();
        Thread closing = new Thread(loop::close, "closing");
        closing.start();
        while (closing.getState() != Thread.State.TIMED_WAITING && closing.isAlive()) {
            Thread.onSpinWait();
        }
        boolean taken = loop.loop().execute(() -> seen.add("the last"));
        mayEnd.countDown();
        closing.join();
        assertThat(!seen.isEmpty()).isEqualTo(taken);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

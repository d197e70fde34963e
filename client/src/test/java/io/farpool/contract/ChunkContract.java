package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.MapOptions;
import io.farpool.NotSerializableTaskException;
import io.farpool.PoolExecutor;
import io.farpool.RemoteTaskException;
import io.farpool.Results;
import io.farpool.TaskOptions;
import io.farpool.WorkerLostException;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract line 29 where items travel: what an item that fails does to the others of its chunk. */
abstract class ChunkContract extends Contract {
    @Override
    protected abstract ProcessBackend backend();

    private static MapOptions chunks(int size) {
        return MapOptions.defaults().chunkSize(size);
    }

    private static int positive(int number) throws IOException {
        if (number == 0) {
            throw new IOException("zero");
        }
        if (number < 0) {
            throw new IllegalArgumentException("negative");
        }
        return number;
    }

    private static Object socketForZero(int number) {
        return number == 0 ? new Socket() : number;
    }

    private static int exitOnZero(int number) {
        if (number == 0) {
            System.exit(7);
        }
        return number;
    }

    private static int unserializableFailure(int number) throws Exception {
        if (number == 0) {
            throw new SerializationContract.WithConnection();
        }
        return number;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    @DisplayName("29. an input that cannot be serialized fails at its own turn, and the rest of its chunk arrives")
    void failsAnInputThatCannotBeSent(int chunkSize) {
        PoolExecutor pool = sharedPool(1);
        Iterator<String> results = pool.map(
                        (Object input) -> "got " + input, Arrays.asList(1, new Socket(), null, 4, 5), chunks(chunkSize))
                .iterator();
        assertThat(results.next()).isEqualTo("got 1");
        assertThatThrownBy(results::next)
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("java.net.Socket");
        assertThat(results.next()).isEqualTo("got null");
        assertThat(results.next()).isEqualTo("got 4");
        assertThat(results.next()).isEqualTo("got 5");
        assertThat(results.hasNext()).isFalse();
    }

    @Test
    @DisplayName("29. of a chunk without one input that can be serialized, each fails with its own")
    void failsEachInputThatCannotBeSent() {
        Iterator<Integer> results = sharedPool(1)
                .map((Object input) -> 1, List.of(new Socket(), List.of(new Socket()), 3), chunks(2))
                .iterator();
        assertThatThrownBy(results::next).isInstanceOf(NotSerializableTaskException.class);
        assertThatThrownBy(results::next)
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("[0]");
        assertThat(results.next()).isEqualTo(1);
    }

    @Test
    @DisplayName("29. a function that cannot be serialized fails every item")
    void failsAFunctionThatCannotBeSent() {
        Socket socket = new Socket();
        Iterator<Boolean> results = sharedPool(1)
                .map((Integer i) -> socket.isBound(), List.of(1, 2), chunks(2))
                .iterator();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(results::next).isInstanceOf(NotSerializableTaskException.class);
        }
        assertThat(results.hasNext()).isFalse();
    }

    @Test
    @DisplayName("29. inputs that cannot be serialized keep within the buffer")
    void keepsWithinTheBuffer() {
        try (Results<Integer> results = sharedPool(1)
                .map(
                        (Object input) -> 1,
                        List.of(1, new Socket(), 3, 4, 5, 6),
                        chunks(2).bufferSize(1))) {
            Iterator<Integer> each = results.iterator();
            assertThat(each.next()).isEqualTo(1);
            assertThatThrownBy(each::next).isInstanceOf(NotSerializableTaskException.class);
            for (int i = 3; i <= 6; i++) {
                assertThat(each.next()).isEqualTo(1);
            }
            assertThat(each.hasNext()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    @DisplayName("11. 29. what an item throws says where it was thrown, in a chunk too")
    void saysWhereAnItemFailed(int chunkSize) {
        PoolExecutor pool = sharedPool(1);
        long pid = pool.submit(Tasks::pid).result();
        Iterator<Integer> results = pool.map(ChunkContract::positive, List.of(0, -1, 2), chunks(chunkSize))
                .iterator();
        assertThatThrownBy(results::next)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessage("zero")
                .hasStackTraceContaining("ChunkContract.positive")
                .hasStackTraceContaining("worker process " + pid + " on ");
        assertThatThrownBy(results::next)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("negative")
                .hasStackTraceContaining("ChunkContract.positive")
                .hasStackTraceContaining("worker process " + pid + " on ");
        assertThat(results.next()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    @DisplayName("10. 29. a result that cannot be serialized fails that item alone, in a chunk too")
    void failsAResultThatCannotBeReturned(int chunkSize) {
        PoolExecutor pool = sharedPool(1);
        long pid = pool.submit(Tasks::pid).result();
        Iterator<Object> results = pool.map(ChunkContract::socketForZero, List.of(1, 0, 3), chunks(chunkSize))
                .iterator();
        assertThat(results.next()).isEqualTo(1);
        assertThatThrownBy(results::next)
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("java.net.Socket")
                .hasStackTraceContaining("worker process " + pid + " on ");
        assertThat(results.next()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    @DisplayName("11. 29. an exception that cannot be serialized arrives as text, in a chunk too")
    void tellsOfAFailureThatCannotBeSerialized(int chunkSize) {
        Iterator<Integer> results = sharedPool(1)
                .map(ChunkContract::unserializableFailure, List.of(1, 0, 3), chunks(chunkSize))
                .iterator();
        assertThat(results.next()).isEqualTo(1);
        assertThatThrownBy(results::next)
                .isInstanceOf(RemoteTaskException.class)
                .hasStackTraceContaining("the line is cut");
        assertThat(results.next()).isEqualTo(3);
    }

    @Test
    @DisplayName("12. System.exit in a chunk fails all items of that chunk, and no others")
    void losesTheWholeChunk() {
        PoolExecutor pool = sharedPool(1);
        Iterator<Integer> results = pool.map(ChunkContract::exitOnZero, List.of(1, 2, 3, 0, 5, 6), chunks(2))
                .iterator();
        assertThat(results.next()).isEqualTo(1);
        assertThat(results.next()).isEqualTo(2);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(results::next)
                    .isInstanceOfSatisfying(WorkerLostException.class, lost -> assertThat(lost.exitCode())
                            .hasValue(7));
        }
        assertThat(results.next()).isEqualTo(5);
        assertThat(results.next()).isEqualTo(6);
        assertThat(results.hasNext()).isFalse();
    }

    @Test
    @DisplayName("29. in a view with options of its own it is the same")
    void isTheSameInAView() {
        PoolExecutor view =
                sharedPool(1).with(TaskOptions.defaults().attempts(2).retryOn(IllegalStateException.class));
        Iterator<Integer> results = view.map((Object input) -> 1, List.of(new Socket(), 2), chunks(2))
                .iterator();
        assertThatThrownBy(results::next).isInstanceOf(NotSerializableTaskException.class);
        assertThat(results.next()).isEqualTo(1);
    }
}

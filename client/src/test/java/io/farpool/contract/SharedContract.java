package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.MapOptions;
import io.farpool.NotSerializableTaskException;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.Shared;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Values that a pool of processes shares. */
abstract class SharedContract extends Contract {
    @Override
    protected abstract ProcessBackend backend();

    /** With a hook of its own, so that Java serialization writes it. */
    static final class Holder implements Serializable {
        private static final long serialVersionUID = 1L;

        final Shared<String> shared;

        Holder(Shared<String> shared) {
            this.shared = shared;
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
        }

        String text() {
            return shared.get();
        }
    }

    @Test
    @DisplayName("null can be shared")
    void sharesNull() {
        PoolExecutor pool = sharedPool(1);
        try (Shared<String> nothing = pool.share(null)) {
            assertThat(nothing.get()).isNull();
            assertThat(pool.submit(() -> nothing.get() == null).result()).isTrue();
        }
    }

    @Test
    @DisplayName("a shared value arrives whole, however large, and the same object is seen by all tasks of a process")
    void sharesLargeValues() {
        PoolExecutor pool = sharedPool(1);
        byte[] bytes = new byte[5 << 20];
        new Random(1).nextBytes(bytes);
        try (Shared<byte[]> shared = pool.share(bytes)) {
            assertThat(shared.get()).isSameAs(bytes);
            assertThat(pool.submit(shared::get).result()).isEqualTo(bytes);
            assertThat(pool.submit(() -> System.identityHashCode(shared.get())).result())
                    .isEqualTo(pool.submit(() -> System.identityHashCode(shared.get()))
                            .result());
        }
    }

    @Test
    @DisplayName("a shared value is found inside other objects, inside chunks, and inside shared values")
    void sharesNested() {
        PoolExecutor pool = sharedPool(1);
        Shared<String> inner = pool.share("inner");
        Shared<List<Shared<String>>> outer = pool.share(List.of(inner));
        Holder holder = new Holder(inner);
        assertThat(pool.submit(holder::text).result()).isEqualTo("inner");
        assertThat(pool.submit((Holder argument) -> argument.text(), holder).result())
                .isEqualTo("inner");
        assertThat(pool.map(
                                (Integer i) -> inner.get() + i,
                                List.of(1, 2, 3),
                                MapOptions.defaults().chunkSize(2))
                        .toList())
                .containsExactly("inner1", "inner2", "inner3");
        inner.close();
        assertThat(pool.submit(() -> outer.get().get(0).get()).result()).isEqualTo("inner");
        outer.close();
    }

    @Test
    @DisplayName("a value that is closed is there for the tasks that were submitted before, and refused to later ones")
    void closes() {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Shared<String> shared = pool.share("value");
        PoolFuture<Boolean> first = started(pool, gate);
        List<PoolFuture<String>> before = IntStream.range(0, 10)
                .mapToObj(i -> pool.submit(() -> shared.get() + i))
                .toList();
        shared.close();
        PoolFuture<String> after = pool.submit(shared::get);
        assertThat(after.exception())
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("this shared value has been closed");
        gate.open();
        assertThat(first.result()).isTrue();
        for (int i = 0; i < 10; i++) {
            assertThat(before.get(i).result()).isEqualTo("value" + i);
        }
    }

    @Test
    @DisplayName("a task's copy is not for it to close")
    void copyStaysOpen() {
        PoolExecutor pool = sharedPool(1);
        try (Shared<String> shared = pool.share("value")) {
            assertThat(pool.submit(() -> {
                                shared.close();
                                return shared.get();
                            })
                            .result())
                    .isEqualTo("value");
            assertThat(pool.submit(shared::get).result()).isEqualTo("value");
        }
    }

    @Test
    @DisplayName("a shared value that a task gives back is the original")
    void givesBackTheOriginal() {
        PoolExecutor pool = sharedPool(1);
        try (Shared<String> shared = pool.share("value")) {
            assertThat(pool.submit(() -> shared).result()).isSameAs(shared);
        }
    }

    @Test
    @DisplayName("a value can be used by the tasks of another pool, until the one that shared it has ended")
    void worksInOtherPools() throws Exception {
        PoolExecutor owner = newPool(1);
        PoolExecutor other = sharedPool(1);
        Shared<String> shared = owner.share("value");
        assertThat(other.submit(shared::get).result()).isEqualTo("value");
        assertThat(owner.submit(shared::get).result()).isEqualTo("value");
        Gate gate = newGate();
        PoolFuture<Boolean> first = started(other, gate);
        PoolFuture<String> queued = other.submit(shared::get);
        owner.close();
        Await.until("it is refused", () -> other.submit(shared::get).isCompletedExceptionally());
        assertThat(other.submit(shared::get).exception())
                .hasMessageContaining("the pool that shared this value has ended");
        gate.open();
        assertThat(first.result()).isTrue();
        assertThat(queued.result()).isEqualTo("value");
        assertThat(shared.get()).isEqualTo("value");
        shared.close();
    }

    @Test
    @DisplayName("what cannot be serialized cannot be shared, nor can anything by a pool that was shut down")
    void refusesToShare() {
        PoolExecutor pool = newPool(1);
        assertThatThrownBy(() -> pool.share(new Thread()))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("java.lang.Thread");
        pool.shutdown();
        assertThatThrownBy(() -> pool.share("late")).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    @DisplayName("an initializer cannot use a shared value, and is refused with a message")
    void refusesInitializers() {
        try (Shared<String> shared = sharedPool(1).share("value")) {
            assertThatThrownBy(
                            () -> backend().builder(1).initializer(shared::get).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the initializer uses a shared value");
        }
    }

    @Test
    @DisplayName("what a pool made inside a task shares is there, and goes nowhere")
    void sharesInsideATask() {
        assertThat(sharedPool(1)
                        .submit(() -> {
                            try (ProcessPoolExecutor inTask = ProcessPoolExecutor.create(1)) {
                                return inTask.share("value").get();
                            }
                        })
                        .result())
                .isEqualTo("value");
    }

    @Test
    @DisplayName("tasks without the value pass those that wait for it, and a cancel of one that waits holds")
    void othersPass() {
        PoolExecutor pool = newPool(1);
        byte[] bytes = new byte[40 << 20];
        new Random(2).nextBytes(bytes);
        try (Shared<byte[]> shared = pool.share(bytes)) {
            PoolFuture<Integer> waits = pool.submit(() -> shared.get().length);
            PoolFuture<Integer> cancelled = pool.submit(() -> shared.get().length);
            assertThat(cancelled.cancel(true)).isTrue();
            assertThat(pool.submit(() -> 7).result()).isEqualTo(7);
            assertThat(waits.result()).isEqualTo(bytes.length);
            assertThat(cancelled).isCancelled();
        }
    }
}

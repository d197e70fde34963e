package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract line 8: what a task was made of is not kept when it is over, here or where it ran. */
public abstract class LettingGoContract extends Contract {
    /** More than what travels inside messages. */
    private static final int LARGE_BYTES = 3 << 20;

    @Test
    @DisplayName("8. the executor keeps no reference to a finished task's argument")
    void keepsNoArgument() {
        keepsNoArgumentOf(1_000);
    }

    @Test
    @DisplayName("8. the executor keeps no reference to an argument that has travelled in a file")
    void keepsNoLargeArgument() {
        keepsNoArgumentOf(LARGE_BYTES);
    }

    private void keepsNoArgumentOf(int size) {
        PoolExecutor pool = sharedPool(1);
        byte[] argument = new byte[size];
        WeakReference<byte[]> reference = new WeakReference<>(argument);
        PoolFuture<Integer> future = pool.submit((byte[] bytes) -> bytes.length, argument);
        assertThat(future.result()).isEqualTo(size);
        argument = null;
        Await.collected(reference);
        assertThat(future.result()).isEqualTo(size);
    }

    @Test
    @DisplayName("8. the executor keeps no reference to a finished task's callable")
    void keepsNoCallable() {
        PoolExecutor pool = sharedPool(1);
        Sized callable = new Sized(new byte[1_000]);
        WeakReference<Sized> reference = new WeakReference<>(callable);
        PoolFuture<Integer> future = pool.submit(callable::size);
        assertThat(future.result()).isEqualTo(1_000);
        callable = null;
        Await.collected(reference);
        assertThat(future.result()).isEqualTo(1_000);
    }

    @Test
    @DisplayName("8. the executor keeps no reference to a finished task's result")
    void keepsNoResult() {
        keepsNoResultOf(1_000);
    }

    @Test
    @DisplayName("8. the executor keeps no reference to a result that has travelled in a file")
    void keepsNoLargeResult() {
        keepsNoResultOf(LARGE_BYTES);
    }

    private void keepsNoResultOf(int size) {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<byte[]> future = pool.submit(() -> new byte[size]);
        WeakReference<byte[]> reference = new WeakReference<>(future.result());
        future = null;
        Await.collected(reference);
        assertThat(pool.submit(Tasks::square, 5).result()).isEqualTo(25);
    }

    @Test
    @DisplayName("8. the worker drops the callable, the argument and the result after the task")
    void dropsItsTask() {
        dropsATaskOf(1_000);
    }

    @Test
    @DisplayName("8. the worker drops an argument and a result that have travelled in files")
    void dropsItsLargeTask() {
        dropsATaskOf(2 * LARGE_BYTES);
    }

    /** Its result is half as large. */
    private void dropsATaskOf(int argumentBytes) {
        PoolExecutor pool = sharedPool(1);
        assertThat(pool.submit(new Remembering()::run, new byte[argumentBytes]).result())
                .hasSize(argumentBytes / 2);
        PoolFuture<Integer> second = pool.submit(() -> {
            Remembering.SEEN.forEach(Await::collected);
            int seen = Remembering.SEEN.size();
            Remembering.SEEN.clear();
            return seen;
        });
        assertThat(second.result()).isEqualTo(3);
    }

    static final class Sized {
        private final byte[] bytes;

        Sized(byte[] bytes) {
            this.bytes = bytes;
        }

        int size() {
            return bytes.length;
        }
    }

    /** Remembers, where it runs, whatever of the task could be kept too long. */
    static final class Remembering {
        static final List<WeakReference<Object>> SEEN = new CopyOnWriteArrayList<>();

        byte[] run(byte[] argument) {
            byte[] result = new byte[argument.length / 2];
            SEEN.addAll(List.of(new WeakReference<>(this), new WeakReference<>(argument), new WeakReference<>(result)));
            return result;
        }
    }
}

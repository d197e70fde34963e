package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.UncheckedInterruptedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract lines 31 and 33. */
public abstract class ShutdownContract extends Contract {
    @Test
    @DisplayName("31. a shutdown is idempotent, also of a pool that was never used")
    void isIdempotent() throws Exception {
        PoolExecutor pool = newPool(1);
        assertThat(pool.isShutdown()).isFalse();
        assertThat(pool.isTerminated()).isFalse();
        pool.shutdown();
        pool.shutdown(true, true);
        pool.close();
        assertThat(pool.shutdownNow()).isEmpty();
        pool.close();
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pool.isTerminated()).isTrue();
        assertThat(pool.awaitTermination(0, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @DisplayName("31. wait=true finishes what is queued")
    void finishesWhatIsQueued() {
        PoolExecutor pool = newPool(2);
        List<PoolFuture<Integer>> futures = new ArrayList<>();
        List<Object> called = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            futures.add(pool.submit(Tasks::square, i));
            futures.get(i).addDoneCallback(f -> {
                synchronized (called) {
                    called.add(f);
                }
            });
        }
        pool.shutdown(true, false);
        assertThat(futures).allMatch(PoolFuture::done);
        assertThat(pool.isTerminated()).isTrue();
        assertThat(pool.info().processes()).isZero();
        Await.until("all callbacks are through", () -> {
            synchronized (called) {
                return called.size() == 100;
            }
        });
    }

    @Test
    @DisplayName("31. wait=false returns at once and pending work still runs")
    void returnsAtOnce() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = pool.submit(gate::await);
        PoolFuture<Integer> pending = pool.submit(Tasks::square, 3);
        pool.shutdown(false, false);
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pool.isTerminated()).isFalse();
        assertThat(pool.awaitTermination(10, TimeUnit.MILLISECONDS)).isFalse();
        gate.open();
        assertThat(running.result()).isTrue();
        assertThat(pending.result()).isEqualTo(9);
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @DisplayName("31. cancelFutures cancels what has not started, and only that")
    void cancelsWhatHasNotStarted() {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = pool.submit(gate::await);
        Await.until("it runs", running::running);
        List<PoolFuture<Integer>> pending = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pending.add(pool.submit(Tasks::square, i));
        }
        pool.shutdown(false, true);
        assertThat(pending).allMatch(PoolFuture::cancelled);
        gate.open();
        assertThat(running.result()).isTrue();
        pool.close();
    }

    @Test
    @DisplayName("31. shutdownNow stops what runs and gives what never did, its futures cancelled")
    void stopsNow() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<Boolean> running = pool.submit(gate::await);
        Await.until("it runs", running::running);
        PoolFuture<Integer> pending = pool.submit(Tasks::square, 3);
        pool.execute(() -> trace.add("never"));
        List<Runnable> neverStarted = pool.shutdownNow();
        assertThat(neverStarted).hasSize(2);
        assertThat(pending.cancelled()).isTrue();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(running.isCompletedExceptionally()).isTrue();
        assertThat(trace.lines()).isEmpty();
        neverStarted.forEach(Runnable::run);
        assertThat(trace.lines()).containsExactly("never");
    }

    @Test
    @DisplayName("31. close() waits; interrupted, it stops the tasks, and keeps the interrupt status")
    void closesWhenInterrupted() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = pool.submit(gate::await);
        Await.until("it runs", running::running);
        Blocked<Object> closing = Blocked.in(() -> {
            pool.close();
            return "closed";
        });
        assertThat(running.done()).isFalse();
        closing.thread().interrupt();
        assertThat(closing.value()).isEqualTo("closed");
        assertThat(closing.interrupted()).isTrue();
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    @DisplayName("31. an interrupted shutdown(wait) throws and leaves the tasks alone")
    void isInterruptedWhileWaiting() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = pool.submit(gate::await);
        Blocked<Object> waiting = Blocked.in(() -> {
            pool.shutdown(true, false);
            return "shut down";
        });
        waiting.thread().interrupt();
        assertThat(waiting.failure()).isInstanceOf(UncheckedInterruptedException.class);
        assertThat(waiting.interrupted()).isTrue();
        gate.open();
        assertThat(running.result()).isTrue();
    }

    @Test
    @DisplayName("33. submit, cancel, shutdown(wait) does not hang")
    void doesNotHangAfterACancel() {
        for (int i = 0; i < 20; i++) {
            PoolExecutor pool = newPool(1);
            PoolFuture<Integer> future = pool.submit(Tasks::square, 3);
            future.cancel();
            pool.shutdown(true, false);
            assertThat(future.done()).isTrue();
            assertThat(pool.isTerminated()).isTrue();
        }
    }

    @Test
    @DisplayName("33. submit, cancel and shutdown(wait) from a callback do not hang")
    void doesNotHangInACallback() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        CountDownLatch through = new CountDownLatch(1);
        PoolFuture<Boolean> first = pool.submit(gate::await);
        first.addDoneCallback(f -> {
            PoolFuture<Integer> second = pool.submit(Tasks::square, 3);
            second.result();
            pool.submit(Tasks::square, 4).cancel();
            pool.shutdown(true, false);
            through.countDown();
        });
        gate.open();
        assertThat(through.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(pool.isTerminated()).isTrue();
        assertThatThrownBy(() -> pool.submit(Tasks::square, 1))
                .isInstanceOf(java.util.concurrent.RejectedExecutionException.class);
    }
}

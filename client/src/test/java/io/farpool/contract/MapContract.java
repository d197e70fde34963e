package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.MapOptions;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.Results;
import io.farpool.UncheckedTimeoutException;
import java.io.Serializable;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract lines 26 to 30. */
public abstract class MapContract extends Contract {
    private static final List<Integer> FORTY = IntStream.range(0, 40).boxed().toList();
    private static final List<Integer> FORTY_SQUARES =
            FORTY.stream().map(Tasks::square).toList();

    /** Counts what is taken from it. */
    private static final class Source implements Iterable<Integer> {
        private final AtomicInteger taken = new AtomicInteger();
        private final int size;

        Source(int size) {
            this.size = size;
        }

        @Override
        public Iterator<Integer> iterator() {
            return IntStream.range(0, size)
                    .peek(i -> taken.incrementAndGet())
                    .boxed()
                    .limit(size)
                    .iterator();
        }
    }

    @Test
    @DisplayName("26. results come in the order of the inputs, nulls too")
    void keepsTheOrder() {
        PoolExecutor pool = sharedPool(3);
        assertThat(pool.map(Tasks::square, FORTY).toList()).isEqualTo(FORTY_SQUARES);
        assertThat(pool.map(Tasks::square, FORTY).stream().toList()).isEqualTo(FORTY_SQUARES);
        assertThat(pool.map((String s) -> s, Arrays.asList("a", null, "c")).toList())
                .containsExactly("a", null, "c");
        assertThat(pool.map(Tasks::square, List.<Integer>of()).toList()).isEmpty();
    }

    @Test
    @DisplayName("26. two iterables stop at the shorter")
    void stopsAtTheShorter() {
        PoolExecutor pool = sharedPool(2);
        assertThat(pool.map(Tasks::pow, List.of(2, 3, 4), List.of(1, 2)).toList())
                .containsExactly(2, 9);
        assertThat(pool.map(
                                Tasks::pow,
                                List.of(2, 3),
                                List.of(1, 2, 3),
                                MapOptions.defaults().chunkSize(2))
                        .toList())
                .containsExactly(2, 9);
    }

    @Test
    @DisplayName("26. without a buffer everything is submitted before the first next()")
    void submitsEverythingAtOnce() {
        Source source = new Source(50);
        Results<Integer> results = sharedPool(1).map(Tasks::square, source);
        assertThat(source.taken).hasValue(50);
        assertThat(results.toList()).hasSize(50);
    }

    @Test
    @DisplayName("26. results can be gone through once")
    void isSingleUse() {
        Results<Integer> results = sharedPool(1).map(Tasks::square, FORTY);
        Iterator<Integer> iterator = results.iterator();
        assertThatThrownBy(results::iterator).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(results::stream).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(results::toList).isInstanceOf(IllegalStateException.class);
        for (int i = 0; i < 40; i++) {
            iterator.next();
        }
        assertThat(iterator.hasNext()).isFalse();
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    @DisplayName("27. a buffer of n takes n inputs up front and one more per result taken")
    void takesNoMoreThanTheBuffer() {
        Source source = new Source(20);
        Iterator<Integer> results = sharedPool(2)
                .map(Tasks::square, source, MapOptions.defaults().bufferSize(4))
                .iterator();
        assertThat(source.taken).hasValue(4);
        for (int i = 0; i < 20; i++) {
            assertThat(results.next()).isEqualTo(i * i);
            assertThat(source.taken).hasValue(Math.min(20, 5 + i));
        }
        assertThat(results.hasNext()).isFalse();
    }

    @Test
    @DisplayName("27. inputs without end work with a buffer")
    void takesInputsWithoutEnd() {
        Iterable<Integer> endless = () -> IntStream.iterate(0, i -> i + 1).iterator();
        try (Results<Integer> results = sharedPool(2)
                .map(Tasks::square, endless, MapOptions.defaults().bufferSize(3).chunkSize(2))) {
            assertThat(results.stream().limit(9)).containsExactly(0, 1, 4, 9, 16, 25, 36, 49, 64);
        }
    }

    @Test
    @DisplayName("27. inputs that cannot be submitted any more throw at their turn")
    void throwsWhenShutDownHalfWay() {
        PoolExecutor pool = newPool(1);
        Iterator<Integer> results = pool.map(
                        Tasks::square, FORTY, MapOptions.defaults().bufferSize(2))
                .iterator();
        pool.shutdown();
        assertThat(results.next()).isZero();
        assertThat(results.next()).isEqualTo(1);
        assertThatThrownBy(results::next).isInstanceOf(RejectedExecutionException.class);
        assertThat(results.hasNext()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6, 40, 50})
    @DisplayName("28. any chunk size gives the same results")
    void givesTheSameInChunks(int chunkSize) {
        assertThat(sharedPool(2)
                        .map(Tasks::square, FORTY, MapOptions.defaults().chunkSize(chunkSize))
                        .toList())
                .isEqualTo(FORTY_SQUARES);
    }

    @Test
    @DisplayName("28. a chunk or buffer size less than 1 is refused when called")
    void refusesNoChunk() {
        for (int size : new int[] {0, -1}) {
            assertThatThrownBy(() -> MapOptions.defaults().chunkSize(size))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("chunkSize is " + size);
            assertThatThrownBy(() -> MapOptions.defaults().bufferSize(size))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bufferSize is " + size);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10})
    @DisplayName("29. a failing item throws at its turn and later items still arrive, within a chunk too")
    void goesOnAfterAFailure(int chunkSize) {
        Iterator<Integer> results = sharedPool(2)
                .map(
                        Tasks::inverse,
                        List.of(1, 2, 0, 4, 5),
                        MapOptions.defaults().chunkSize(chunkSize))
                .iterator();
        assertThat(results.next()).isEqualTo(100);
        assertThat(results.next()).isEqualTo(50);
        assertThatThrownBy(results::next).isInstanceOf(ArithmeticException.class);
        assertThat(results.next()).isEqualTo(25);
        assertThat(results.next()).isEqualTo(20);
        assertThat(results.hasNext()).isFalse();
    }

    @Test
    @DisplayName("29. a task's own TimeoutException is an ordinary failure")
    void takesATasksTimeoutAsAFailure() {
        Iterator<Integer> results = sharedPool(1)
                .map(
                        Tasks::timeoutOnTwo,
                        List.of(1, 2, 3),
                        MapOptions.defaults().timeout(Duration.ofMinutes(1)))
                .iterator();
        assertThat(results.next()).isEqualTo(1);
        assertThatThrownBy(results::next)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
        assertThat(results.next()).isEqualTo(3);
    }

    @Test
    @DisplayName("29. when the time is up the rest are cancelled")
    void cancelsTheRestWhenTimeIsUp() {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        pool.submit(Tasks::square, 1).result(); // so that a worker is there
        Iterator<Integer> results = pool.map(
                        (Integer i) -> Tasks.traced(gate, trace, i),
                        FORTY,
                        MapOptions.defaults().timeout(Duration.ofMillis(300)))
                .iterator();
        Await.until("the first runs", () -> !trace.lines().isEmpty());
        assertThatThrownBy(results::next)
                .isInstanceOf(UncheckedTimeoutException.class)
                .hasCauseInstanceOf(TimeoutException.class);
        assertThat(results.hasNext()).isFalse();
        awaitTasks(pool, 1);
        gate.open();
        pool.close();
        assertThat(trace.lines()).hasSizeLessThan(40);
    }

    @Test
    @DisplayName("29. the timeout counts from map(), not from the first next()")
    void countsFromTheCall() {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Duration timeout = Duration.ofSeconds(3);
        pool.submit(Tasks::square, 1).result(); // so that a worker is there
        long calledNanos = System.nanoTime();
        Iterator<Integer> results = pool.map(
                        (Integer i) -> i == 0 || gate.await() ? i : -1,
                        List.of(0, 1),
                        MapOptions.defaults().timeout(timeout))
                .iterator();
        Await.until("its time is up", () -> System.nanoTime() - calledNanos >= 2 * timeout.toNanos());
        assertThat(results.next()).as("what was done in time").isZero();
        long askedNanos = System.nanoTime();
        assertThatThrownBy(results::next).isInstanceOf(UncheckedTimeoutException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - askedNanos)).isLessThan(timeout);
    }

    @Test
    @DisplayName("30. close() cancels what has not started")
    void cancelsWhatHasNotStarted() {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<Boolean> blocker = pool.submit(gate::await);
        Await.until("it runs", blocker::running);
        Results<Integer> results = pool.map((Integer i) -> Tasks.traced(gate, trace, i), FORTY);
        awaitTasks(pool, 1 + FORTY.size());
        results.close();
        results.close();
        assertThat(results.iterator().hasNext()).isFalse();
        awaitTasks(pool, 1);
        gate.open();
        pool.close();
        assertThat(trace.lines()).isEmpty();
    }

    /** Is noticed when it comes to be in this process: made here, or decoded. */
    private static final class Noticed implements Serializable {
        private static final long serialVersionUID = 1L;
        static final List<WeakReference<Noticed>> HERE = new CopyOnWriteArrayList<>();

        Noticed() {
            HERE.add(new WeakReference<>(this));
        }

        private Object readResolve() {
            HERE.add(new WeakReference<>(this));
            return this;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    @DisplayName("30. values of results dropped unread are not kept by the pool")
    void keepsNoDroppedValues(int chunkSize) {
        Noticed.HERE.clear();
        PoolExecutor pool = newPool(1);
        Object dropped = pool.map(
                (Integer i) -> new Noticed(), FORTY, MapOptions.defaults().chunkSize(chunkSize));
        Await.until("all values are here", () -> Noticed.HERE.size() == FORTY.size());
        assertThat(dropped).isNotNull();
        dropped = null;
        Noticed.HERE.forEach(Await::collected);
        assertThat(pool.submit(Tasks::square, 4).result()).isEqualTo(16);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @DisplayName("8. values that a map has given are not kept by its results")
    void keepsNoGivenValues(int chunkSize) {
        PoolExecutor pool = sharedPool(1);
        try (Results<byte[]> results = pool.map(
                (Integer i) -> new byte[i], List.of(1, 2), MapOptions.defaults().chunkSize(chunkSize))) {
            Iterator<byte[]> each = results.iterator();
            List<WeakReference<byte[]>> given =
                    List.of(new WeakReference<>(each.next()), new WeakReference<>(each.next()));
            given.forEach(Await::collected);
            assertThat(each.hasNext()).isFalse();
        }
    }

    @Test
    @DisplayName("30. results dropped unread hold nothing alive")
    void holdsNothingWhenDropped() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        List<WeakReference<Results<Integer>>> dropped = new ArrayList<>();
        dropped.add(new WeakReference<>(pool.map((Integer i) -> gate.await() ? i : 0, FORTY)));
        Await.collected(dropped.get(0));
        gate.open();
        assertThat(pool.submit(Tasks::square, 4).result()).isEqualTo(16);
    }
}

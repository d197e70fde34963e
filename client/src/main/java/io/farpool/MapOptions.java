package io.farpool;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link PoolExecutor#map} goes about its work. Immutable; each method returns a changed copy.
 *
 * <pre>{@code
 * pool.map(Parser::parse, lines, MapOptions.defaults().chunkSize(1000).bufferSize(100));
 * }</pre>
 */
public final class MapOptions {
    private static final MapOptions DEFAULTS = new MapOptions(1, null, null);

    private final int chunkSize;
    private final @Nullable Integer bufferSize;
    private final @Nullable Duration timeout;

    private MapOptions(int chunkSize, @Nullable Integer bufferSize, @Nullable Duration timeout) {
        this.chunkSize = chunkSize;
        this.bufferSize = bufferSize;
        this.timeout = timeout;
    }

    /**
     * One input per task, everything submitted at once, no time limit.
     *
     * @return the defaults
     */
    public static MapOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Puts so many inputs into each task, which makes very short calls cheaper. An input that cannot be serialized, a call that
     * throws, and a result that cannot be serialized fail alone, at their turn. When the worker process dies, all of its task's
     * inputs fail with {@link WorkerLostException}, those included whose calls had returned.
     *
     * @param chunkSize at least 1, which is the default
     * @return a changed copy
     * @throws IllegalArgumentException if it is less than 1
     */
    public MapOptions chunkSize(int chunkSize) {
        return new MapOptions(Checks.atLeast(1, chunkSize, "chunkSize"), bufferSize, timeout);
    }

    /**
     * Bounds the tasks that have been submitted and whose results have not been taken, so that inputs may be many, large, or
     * without end. Inputs are then read when results are taken, in the thread that takes them.
     *
     * @param bufferSize how many tasks, at least 1; of {@link #chunkSize(int)} inputs each. The default is no bound
     * @return a changed copy
     * @throws IllegalArgumentException if it is less than 1
     */
    public MapOptions bufferSize(int bufferSize) {
        return new MapOptions(chunkSize, Checks.atLeast(1, bufferSize, "bufferSize"), timeout);
    }

    /**
     * Bounds the time from the call of {@code map} until the last result is taken.
     *
     * @param timeout how long; zero or less gives only what is there already. The default is no bound
     * @return a changed copy
     */
    public MapOptions timeout(Duration timeout) {
        return new MapOptions(chunkSize, bufferSize, Objects.requireNonNull(timeout, "timeout"));
    }

    /**
     * Inputs per task.
     *
     * @return at least 1
     */
    public int chunkSize() {
        return chunkSize;
    }

    /**
     * The bound of tasks whose results have not been taken.
     *
     * @return at least 1, or empty for none
     */
    public OptionalInt bufferSize() {
        return bufferSize == null ? OptionalInt.empty() : OptionalInt.of(bufferSize);
    }

    /**
     * The bound of the whole.
     *
     * @return the time, or empty for none
     */
    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    @Override
    public String toString() {
        return "MapOptions[chunkSize=" + chunkSize + ", bufferSize=" + bufferSize + ", timeout=" + timeout + "]";
    }
}

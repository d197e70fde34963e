package io.farpool;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How tasks are run: limits, retries, priority. Immutable; each method returns a changed copy, and what is never called
 * stays unset, so that {@link PoolExecutor#with(TaskOptions)} overrides only what was set.
 *
 * <pre>{@code
 * pool.with(TaskOptions.defaults().timeout(Duration.ofMinutes(5)).attempts(3).retryOn(IOException.class))
 *     .submit(() -> fetch(url));
 * }</pre>
 */
public final class TaskOptions {
    /** Starts allowed when the host is lost, and when {@link #retryOn} is set, unless {@link #attempts(int)} says otherwise. */
    private static final int DEFAULT_ATTEMPTS = 3;

    /** A name longer than this is refused. */
    private static final int MAX_NAME_LENGTH = 200;

    private static final TaskOptions DEFAULTS = new TaskOptions(null, null, null, null, null);

    private final @Nullable Duration timeout;
    private final @Nullable Integer attempts;
    private final @Nullable Set<Class<? extends Throwable>> retryOn;
    private final @Nullable Integer priority;
    private final @Nullable String name;

    private TaskOptions(
            @Nullable Duration timeout,
            @Nullable Integer attempts,
            @Nullable Set<Class<? extends Throwable>> retryOn,
            @Nullable Integer priority,
            @Nullable String name) {
        this.timeout = timeout;
        this.attempts = attempts;
        this.retryOn = retryOn;
        this.priority = priority;
        this.name = name;
    }

    /**
     * Nothing set: no time limit; three starts at most when hosts are lost, one when a process dies under the task (three with
     * {@link #retryOn}); an exception is final; priority 0; no name.
     *
     * @return the defaults
     */
    public static TaskOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Stops the task (interrupt first, then the end of its process) and fails its future with {@link
     * java.util.concurrent.TimeoutException} when it runs longer than this, counted from the start of each attempt.
     *
     * @param timeout more than zero
     * @return a changed copy
     * @throws IllegalArgumentException if it is zero or less
     */
    public TaskOptions timeout(Duration timeout) {
        return new TaskOptions(Checks.positive(timeout, "timeout"), attempts, retryOn, priority, name);
    }

    /**
     * Allows so many starts of the task in all, whatever ends them. {@code attempts(1)} means at most once across every kind
     * of failure. Unset, a task is started at most three times when hosts are lost, and once when a process dies under it; three
     * times too with {@link #retryOn}.
     *
     * @param attempts at least 1
     * @return a changed copy
     * @throws IllegalArgumentException if it is less than 1
     */
    public TaskOptions attempts(int attempts) {
        return new TaskOptions(timeout, Checks.atLeast(1, attempts, "attempts"), retryOn, priority, name);
    }

    /**
     * Has the task started again when it throws one of these (or a subclass), within its {@linkplain #attempts(int)
     * attempts}; three in all if those are unset.
     *
     * @param exceptions the classes; none at all takes back an earlier setting
     * @return a changed copy
     */
    @SafeVarargs
    public final TaskOptions retryOn(Class<? extends Throwable>... exceptions) {
        Set<Class<? extends Throwable>> classes = new LinkedHashSet<>();
        for (Class<? extends Throwable> exception : exceptions) {
            classes.add(Objects.requireNonNull(exception, "exception"));
        }
        return new TaskOptions(timeout, attempts, Collections.unmodifiableSet(classes), priority, name);
    }

    /**
     * Lets the task overtake those of the same executor that have a smaller priority and have not started.
     *
     * @param priority greater runs earlier; 0 unless set
     * @return a changed copy
     */
    public TaskOptions priority(int priority) {
        return new TaskOptions(timeout, attempts, retryOn, priority, name);
    }

    /**
     * Names the task in messages and logs.
     *
     * @param name at most 200 characters
     * @return a changed copy
     * @throws IllegalArgumentException if it is longer
     */
    public TaskOptions name(String name) {
        if (name.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    "name has " + name.length() + " characters; it must have at most " + MAX_NAME_LENGTH);
        }
        return new TaskOptions(timeout, attempts, retryOn, priority, name);
    }

    /**
     * These options with those that {@code overriding} sets in place of these.
     *
     * @param overriding wins wherever it sets something
     * @return both in one
     */
    public TaskOptions mergedWith(TaskOptions overriding) {
        return new TaskOptions(
                overriding.timeout != null ? overriding.timeout : timeout,
                overriding.attempts != null ? overriding.attempts : attempts,
                overriding.retryOn != null ? overriding.retryOn : retryOn,
                overriding.priority != null ? overriding.priority : priority,
                overriding.name != null ? overriding.name : name);
    }

    /**
     * The time limit.
     *
     * @return the limit of each attempt, or empty for none
     */
    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    /**
     * The limit of starts.
     *
     * @return what was set, or empty
     */
    public OptionalInt attempts() {
        return attempts == null ? OptionalInt.empty() : OptionalInt.of(attempts);
    }

    /**
     * Starts allowed in all while hosts are lost.
     *
     * @return at least 1; 3 unless set
     */
    public int attemptsAfterHostLoss() {
        return attempts == null ? DEFAULT_ATTEMPTS : attempts;
    }

    /**
     * Starts allowed in all when a process dies under the task, or the task throws what {@link #retryOn} names.
     *
     * @return at least 1; unless set, 3 with {@link #retryOn} and 1 without
     */
    public int attemptsAfterFailure() {
        if (attempts != null) {
            return attempts;
        }
        return retryOn().isEmpty() ? 1 : DEFAULT_ATTEMPTS;
    }

    /**
     * The exceptions after which the task is started again.
     *
     * @return the classes; empty unless set
     */
    public Set<Class<? extends Throwable>> retryOn() {
        return retryOn == null ? Set.of() : retryOn;
    }

    /**
     * Whether the task may be started again after it threw this, attempts permitting.
     *
     * @param thrown what the task threw
     * @return true if it is an instance of a class of {@link #retryOn()}
     */
    public boolean retriesOn(Throwable thrown) {
        return retryOn().stream().anyMatch(retried -> retried.isInstance(thrown));
    }

    /**
     * The priority.
     *
     * @return greater runs earlier; 0 unless set
     */
    public int priority() {
        return priority == null ? 0 : priority;
    }

    /**
     * The name.
     *
     * @return the name, or empty if unset
     */
    public Optional<String> name() {
        return Optional.ofNullable(name);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TaskOptions that
                && Objects.equals(timeout, that.timeout)
                && Objects.equals(attempts, that.attempts)
                && Objects.equals(retryOn, that.retryOn)
                && Objects.equals(priority, that.priority)
                && Objects.equals(name, that.name);
    }

    @Override
    public int hashCode() {
        return Objects.hash(timeout, attempts, retryOn, priority, name);
    }

    @Override
    public String toString() {
        return "TaskOptions[timeout=" + timeout + ", attempts=" + attempts + ", retryOn=" + retryOn + ", priority="
                + priority + ", name=" + name + "]";
    }
}

package io.farpool;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a pool's worker processes are started with: Python's {@code mp_context}. Immutable; each method returns a changed
 * copy.
 *
 * <pre>{@code
 * ProcessContext.defaults().jvmOptions("-Xmx2g").environment("OMP_NUM_THREADS", "1")
 * }</pre>
 */
public final class ProcessContext {
    private static final ProcessContext DEFAULTS =
            new ProcessContext(List.of(), Map.of(), null, null, Startup.ON_DEMAND);

    private final List<String> jvmOptions;
    private final Map<String, String> environment;
    private final @Nullable Path workingDirectory;
    private final @Nullable Path javaHome;
    private final Startup startup;

    private ProcessContext(
            List<String> jvmOptions,
            Map<String, String> environment,
            @Nullable Path workingDirectory,
            @Nullable Path javaHome,
            Startup startup) {
        this.jvmOptions = jvmOptions;
        this.environment = environment;
        this.workingDirectory = workingDirectory;
        this.javaHome = javaHome;
        this.startup = startup;
    }

    /**
     * No options of its own, the environment of the host's daemon (without {@code FARPOOL_*}, {@code JAVA_TOOL_OPTIONS}, {@code
     * JDK_JAVA_OPTIONS} and {@code _JAVA_OPTIONS}), a working directory of the process's own, the JDK that
     * the daemon runs on, and processes started on demand.
     *
     * @return the defaults
     */
    public static ProcessContext defaults() {
        return DEFAULTS;
    }

    /**
     * Adds options of the {@code java} command, after those of earlier calls and after Farpool's own.
     *
     * @param options such as {@code -Xmx2g} or {@code -Dname=value}
     * @return a changed copy
     */
    public ProcessContext jvmOptions(String... options) {
        List<String> all = new ArrayList<>(jvmOptions);
        all.addAll(List.of(options));
        return new ProcessContext(List.copyOf(all), environment, workingDirectory, javaHome, startup);
    }

    /**
     * Adds or replaces a variable of the processes' environment.
     *
     * @param name the variable
     * @param value its value
     * @return a changed copy
     * @throws IllegalArgumentException if the name is empty or has a {@code =} in it
     */
    public ProcessContext environment(String name, String value) {
        if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new IllegalArgumentException(
                    "environment variable '" + name + "': a name must not be empty and must not contain '='");
        }
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.put(name, Objects.requireNonNull(value, "value"));
        return new ProcessContext(jvmOptions, Collections.unmodifiableMap(all), workingDirectory, javaHome, startup);
    }

    /**
     * Starts the processes in this directory.
     *
     * @param directory on the host that runs the process
     * @return a changed copy
     */
    public ProcessContext workingDirectory(Path directory) {
        return new ProcessContext(
                jvmOptions, environment, Objects.requireNonNull(directory, "directory"), javaHome, startup);
    }

    /**
     * Runs the processes on this JDK.
     *
     * @param home on the host that runs the process; the directory above {@code bin/java}
     * @return a changed copy
     */
    public ProcessContext javaHome(Path home) {
        return new ProcessContext(
                jvmOptions, environment, workingDirectory, Objects.requireNonNull(home, "home"), startup);
    }

    /**
     * Says when the processes are started.
     *
     * @param when on demand, or all at once with the first task
     * @return a changed copy
     */
    public ProcessContext startup(Startup when) {
        return new ProcessContext(
                jvmOptions, environment, workingDirectory, javaHome, Objects.requireNonNull(when, "when"));
    }

    /**
     * The options of the {@code java} command.
     *
     * @return in the order they are given to it
     */
    public List<String> jvmOptions() {
        return jvmOptions;
    }

    /**
     * The variables added to the environment.
     *
     * @return values by name, in the order they were set
     */
    public Map<String, String> environment() {
        return environment;
    }

    /**
     * The directory the processes start in.
     *
     * @return the directory, or empty for one of the process's own
     */
    public Optional<Path> workingDirectory() {
        return Optional.ofNullable(workingDirectory);
    }

    /**
     * The JDK the processes run on.
     *
     * @return its home, or empty for the daemon's
     */
    public Optional<Path> javaHome() {
        return Optional.ofNullable(javaHome);
    }

    /**
     * When the processes are started.
     *
     * @return {@link Startup#ON_DEMAND} unless set
     */
    public Startup startup() {
        return startup;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProcessContext that
                && jvmOptions.equals(that.jvmOptions)
                && environment.equals(that.environment)
                && Objects.equals(workingDirectory, that.workingDirectory)
                && Objects.equals(javaHome, that.javaHome)
                && startup == that.startup;
    }

    @Override
    public int hashCode() {
        return Objects.hash(jvmOptions, environment, workingDirectory, javaHome, startup);
    }

    /** Names the variables of the environment without their values, which may be secrets. */
    @Override
    public String toString() {
        return "ProcessContext[jvmOptions=" + jvmOptions + ", environment=" + environment.keySet()
                + ", workingDirectory=" + workingDirectory + ", javaHome=" + javaHome + ", startup=" + startup + "]";
    }
}

package io.farpool.deploy;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A command running as an operating-system process of its own, its output collected: as a rule {@code bin/farpool} of the
 * distribution that this build made. Every wait has a deadline and fails with the output so far. Safe for any thread.
 *
 * <p>{@link #close()} kills what is left of it, with its descendants: a test that fails leaves nothing behind either.
 */
public final class FarpoolProcess implements AutoCloseable {
    /** Long enough for a JVM's start on a machine that is busy with other tests. */
    public static final Duration START_DEADLINE = Duration.ofSeconds(60);

    private static final int LINES_MAX = 20_000;

    private final List<String> command;
    private final Process process;
    private final Deque<String> out = new ArrayDeque<>();
    private final Deque<String> err = new ArrayDeque<>();
    private final List<Thread> readers;
    private int openStreams = 2;

    private FarpoolProcess(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.readers = List.of(
                reader("stdout", process.getInputStream(), out), reader("stderr", process.getErrorStream(), err));
    }

    /** Starts {@code farpool ARGUMENTS…} from the distribution. */
    public static FarpoolProcess farpool(String... arguments) throws IOException {
        return farpool(Map.of(), arguments);
    }

    /** As {@link #farpool(String...)}, with these variables besides those of this process. */
    public static FarpoolProcess farpool(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(distribution().resolve("bin/farpool").toString());
        command.addAll(List.of(arguments));
        return start(environment, command);
    }

    /** Starts any command. */
    public static FarpoolProcess start(Map<String, String> environment, List<String> command) throws IOException {
        return start(environment, command, ProcessBuilder.Redirect.from(new File("/dev/null")));
    }

    private static FarpoolProcess start(
            Map<String, String> environment, List<String> command, ProcessBuilder.Redirect input) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
        // In the background this JVM may ignore them, and programs would inherit that.
        builder.command().addAll(0, List.of("env", "--default-signal=HUP,INT,TERM"));
        builder.environment().remove("FARPOOL_COORDINATOR");
        builder.environment().remove("FARPOOL_JAVA_OPTS");
        builder.environment().putAll(environment);
        builder.redirectInput(input);
        return new FarpoolProcess(command, builder.start());
    }

    /**
     * Starts {@code farpool ARGUMENTS…} as a shell would: in a session of its own, in the foreground of its own terminal, where
     * stdout and stderr are one. Null where there is nothing to make a terminal with.
     *
     * @param arguments without apostrophes
     */
    public static @Nullable FarpoolProcess onTerminal(Map<String, String> environment, String... arguments)
            throws IOException {
        Path script = Path.of("/usr/bin/script"); // of bsdutils, which Debian counts as essential
        if (!Files.isExecutable(script)) {
            return null;
        }
        StringBuilder command = new StringBuilder("exec '" + distribution().resolve("bin/farpool") + "'");
        for (String argument : arguments) {
            command.append(" '").append(argument).append('\'');
        }
        Map<String, String> withShell = new HashMap<>(environment);
        withShell.put("SHELL", "/bin/sh");
        return start(
                withShell,
                List.of(script.toString(), "--quiet", "--return", "--command", command.toString(), "/dev/null"),
                ProcessBuilder.Redirect.PIPE);
    }

    /** Presses Ctrl-C on its {@linkplain #onTerminal terminal}. */
    public void pressControlC() throws IOException {
        OutputStream keyboard = process.getOutputStream();
        keyboard.write(3);
        keyboard.flush();
    }

    /** The unpacked distribution that this build made. */
    public static Path distribution() {
        String directory = System.getProperty("farpool.distribution");
        if (directory == null || !Files.isDirectory(Path.of(directory, "lib"))) {
            throw new IllegalStateException("farpool.distribution is '" + directory
                    + "', expected the unpacked distribution; run this test by `./mvnw verify`");
        }
        return Path.of(directory);
    }

    /** Waits for a line of either stream in which the pattern is found. */
    public Matcher awaitLine(String regex, Duration deadline) throws InterruptedException, TimeoutException {
        Pattern pattern = Pattern.compile(regex);
        long endNanos = System.nanoTime() + deadline.toNanos();
        synchronized (this) {
            while (true) {
                for (Deque<String> lines : List.of(out, err)) {
                    for (String line : lines) {
                        Matcher matcher = pattern.matcher(line);
                        if (matcher.find()) {
                            return matcher;
                        }
                    }
                }
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
                if (leftMillis <= 0 || openStreams == 0) {
                    throw new TimeoutException("no line like '" + regex + "' within " + deadline + " from " + this);
                }
                wait(leftMillis);
            }
        }
    }

    /** Waits for its end; the exit status, with all output collected. */
    public int awaitExit(Duration deadline) throws InterruptedException, TimeoutException {
        if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new TimeoutException("still running after " + deadline + ": " + this);
        }
        for (Thread reader : readers) {
            // A grandchild may hold the pipe open.
            reader.join(TimeUnit.SECONDS.toMillis(5));
        }
        return process.exitValue();
    }

    /** Sends a signal, {@code TERM} say. */
    public void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .redirectErrorStream(true)
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name + " " + process.pid() + " failed: "
                    + new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8) + this);
        }
    }

    /** SIGTERM, then its end. */
    public int stop(Duration deadline) throws IOException, InterruptedException, TimeoutException {
        signal("TERM");
        return awaitExit(deadline);
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** What it wrote to stdout, each line with its end; the last {@value #LINES_MAX} lines. */
    public synchronized String stdout() {
        return joined(out);
    }

    /** What it wrote to stderr, as {@link #stdout()}. */
    public synchronized String stderr() {
        return joined(err);
    }

    @Override
    public void close() {
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
        process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    public synchronized String toString() {
        return String.join(" ", command) + " (pid " + process.pid() + ", "
                + (process.isAlive() ? "running" : "exit status " + process.exitValue()) + ")\n--- stdout\n"
                + joined(out) + "--- stderr\n" + joined(err);
    }

    private static String joined(Deque<String> lines) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private Thread reader(String name, InputStream in, Deque<String> lines) {
        Thread thread = new Thread(() -> read(in, lines), name + "-of-" + process.pid());
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void read(InputStream in, Deque<String> lines) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (this) {
                    if (lines.size() == LINES_MAX) {
                        lines.removeFirst();
                    }
                    lines.add(line);
                    notifyAll();
                }
            }
        } catch (IOException e) {
            // The process was killed: what it wrote before is there.
        }
        synchronized (this) {
            openStreams--;
            notifyAll();
        }
    }
}

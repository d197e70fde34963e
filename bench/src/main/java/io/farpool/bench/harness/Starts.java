package io.farpool.bench.harness;

import io.farpool.bench.driver.FirstResult;
import io.farpool.bench.driver.Request;
import io.farpool.bench.driver.Serve;
import io.farpool.bench.system.Kind;
import io.farpool.bench.system.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Starts a program every time that it is asked, and says what took how long until its first result. For one thread. */
public final class Starts implements AutoCloseable {
    /** The names of the steps, and what they mean, in their order; {@code first} and {@code whole} are sums. */
    public static final List<Map.Entry<String, String>> STEPS = List.of(
            Map.entry("main", "the program's JVM, up to `main`"),
            Map.entry("made", "the pool is made"),
            Map.entry("submitted", "`submit` returns: the task is serialized"),
            Map.entry(
                    "launched",
                    "its process is begun: the session is open, the class path known, the JVM loads its first class"),
            Map.entry("boot", "that JVM, up to Farpool's main class"),
            Map.entry("frames", "connection and messages, up to the first class of Kryo"),
            Map.entry("codec", "Kryo and the codec, up to the task's class"),
            Map.entry("entered", "the first call: the lambda is entered"),
            Map.entry("result", "its result is there"),
            Map.entry("first", "**the first result, in all**"),
            Map.entry("second", "a second task, there and back"),
            Map.entry("closed", "the pool is closed"),
            Map.entry("ended", "the program has ended"),
            Map.entry("whole", "**the whole program**"));

    private static final String ADDRESSES = "addresses ";
    private static final String ARCHIVES = "FARPOOL_CLASS_DATA_ARCHIVES";
    private static final long ARCHIVE_SECONDS = 60;

    private final Setup setup;
    private final Path directory;
    private final Map<String, String> environment;
    private final @Nullable Program servers;
    private final String address;

    /**
     * Starts what runs before the program does.
     *
     * @param kind embedded, or a cluster, which is warm: its host has had a session of the same program
     * @param archived with archives of class data, which are made here
     */
    public Starts(Setup setup, Kind kind, boolean archived) throws IOException, InterruptedException {
        this.setup = setup;
        this.directory = Files.createTempDirectory(setup.target(), "start");
        this.environment =
                Map.of(ARCHIVES, archived ? directory.resolve("class-data").toString() : "off");
        if (kind == Kind.FARPOOL_CLUSTER) {
            List<String> serving =
                    new ArrayList<>(Programs.java(List.of(), Programs.classPath(kind), Serve.class.getName()));
            serving.addAll(List.of(kind.id(), "1", "1"));
            servers = new Program(serving, setup.log(kind), environment);
            address = servers.line(ADDRESSES).substring(ADDRESSES.length());
        } else {
            servers = null;
            address = "-";
        }
        try {
            warmUp(archived);
        } catch (IOException | InterruptedException | RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /** Until the archive is there, if there is to be one: it is made a few seconds after it was first missed. */
    private void warmUp(boolean archived) throws IOException, InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(ARCHIVE_SECONDS);
        while (run().fromArchive() != archived) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new Program.FailedException("worker processes did not start " + (archived ? "with" : "without")
                        + " an archive within " + ARCHIVE_SECONDS + " s");
            }
        }
    }

    private record Run(Start start, boolean fromArchive) {}

    /** How long each step took, in milliseconds. */
    public Map<String, Double> measure() throws IOException, InterruptedException {
        return run().start().stepsMillis();
    }

    private Run run() throws IOException, InterruptedException {
        Path log = directory.resolve("classes.log");
        Files.deleteIfExists(log);
        List<String> command = new ArrayList<>(
                Programs.java(List.of(), Programs.classPath(Kind.FARPOOL_EMBEDDED), FirstResult.class.getName()));
        command.addAll(List.of(address, log.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        setup.log(Kind.FARPOOL_EMBEDDED).toFile()));
        builder.environment().remove("FARPOOL_COORDINATOR");
        builder.environment().putAll(environment);
        Start start = new Start(System.nanoTime());
        // No Program, which ends all that it has started: what makes an archive goes on for a moment after the program.
        Process process = builder.start();
        Watchdog watchdog = new Watchdog(new ProcessTree(process.toHandle()), ARCHIVE_SECONDS);
        Request said = Request.parse("");
        int status;
        long endedNanos;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                said = line.startsWith(Request.ANSWER) ? Request.parse(line) : said;
            }
            status = process.waitFor();
            endedNanos = System.nanoTime();
        } finally {
            watchdog.stop();
            new ProcessTree(process.toHandle()).kill();
        }
        if (status != 0 || said.values().isEmpty()) {
            throw new Program.FailedException(
                    watchdog.hasBitten()
                            ? "it did not end within " + ARCHIVE_SECONDS + " s"
                            : "it ended with status " + status + " and said " + said.line());
        }
        Start.Classes classes = Start.Classes.of(Files.readAllLines(log), FirstResult.class.getName());
        for (String step : List.of("main", "made", "submitted")) {
            start.step(step, nanos(said, step));
        }
        start.step("launched", classes.launchedNanos());
        start.step("boot", classes.mainNanos());
        start.step("frames", classes.kryoNanos());
        start.step("codec", classes.taskNanos());
        start.step("entered", nanos(said, "entered"));
        start.step("result", nanos(said, "result"));
        start.sum("first");
        start.step("second", nanos(said, "second"));
        start.step("closed", nanos(said, "closed"));
        start.step("ended", endedNanos);
        start.sum("whole");
        return new Run(start, classes.fromArchive());
    }

    private static long nanos(Request said, String step) {
        return said.numbers(step)[0];
    }

    @Override
    public void close() {
        if (servers != null) {
            servers.close();
        }
    }
}

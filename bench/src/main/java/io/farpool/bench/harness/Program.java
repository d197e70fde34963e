package io.farpool.bench.harness;

import io.farpool.bench.driver.Driver;
import io.farpool.bench.driver.FloorDriver;
import io.farpool.bench.driver.Request;
import io.farpool.bench.system.Kind;
import io.farpool.bench.system.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A driver's process, from the harness's side. What it says on standard error goes to a file. For one thread. */
public final class Program implements AutoCloseable {
    private static final long END_SECONDS = 30;
    private static final long ANSWER_SECONDS = 600;

    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final ProcessTree tree;

    /**
     * Starts a process.
     *
     * @param command its command line
     * @param errors takes its standard error, and that of what it starts
     */
    public Program(List<String> command, Path errors) throws IOException {
        this(command, errors, Map.of());
    }

    /**
     * Starts a process.
     *
     * @param environment what is added to this one's
     */
    Program(List<String> command, Path errors, Map<String, String> environment) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
        // Else an embedded pool would be one on a cluster.
        builder.environment().remove("FARPOOL_COORDINATOR");
        builder.environment().putAll(environment);
        process = builder.start();
        // Not process.inputReader: a line that ends in "\r" would make it wait for the next character.
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        in = process.outputWriter(StandardCharsets.UTF_8);
        tree = new ProcessTree(process.toHandle());
    }

    /** A driver that is ready. */
    public static Program driver(Setup setup, Kind kind, int hosts, int slots, String... addresses) throws IOException {
        List<String> command = new ArrayList<>();
        switch (kind) {
            case PYTHON ->
                command.addAll(List.of("python3", setup.pythonDriver().toString(), "" + hosts * slots));
            case FLOOR -> {
                command.addAll(Programs.java(List.of(), Programs.classPath(kind), FloorDriver.class.getName()));
                command.add("" + hosts * slots);
            }
            case FARPOOL_EMBEDDED, FARPOOL_CLUSTER, IGNITE, HAZELCAST, LOCAL -> {
                command.addAll(Programs.java(kind.jvmOptions(), Programs.classPath(kind), Driver.class.getName()));
                command.addAll(List.of(kind.id(), "" + hosts, "" + slots));
                command.addAll(List.of(addresses));
            }
        }
        Program program = new Program(command, setup.log(kind));
        try {
            Request ready = program.answer();
            if (!ready.values().isEmpty()) {
                throw new IOException("a driver began with '" + ready.line() + "', expected '" + Request.ANSWER + "'");
            }
            return program;
        } catch (IOException failure) {
            program.close();
            throw failure;
        }
    }

    /** This process and all that it has started. */
    public ProcessTree tree() {
        return tree;
    }

    /**
     * Has a workload carried out.
     *
     * @throws FailedException when the system could not
     */
    public Map<String, Double> ask(String request) throws IOException {
        try {
            in.write(request + "\n");
            in.flush();
        } catch (IOException ended) {
            throw new FailedException("the process has ended");
        }
        Map<String, Double> values = new LinkedHashMap<>();
        answer().values().forEach((name, value) -> values.put(name, Double.valueOf(value)));
        return values;
    }

    /**
     * The next line that begins with {@code beginning}.
     *
     * @throws FailedException when the process says that it has failed, ends, or takes too long; it is killed then
     */
    public String line(String beginning) throws IOException {
        Watchdog watchdog = new Watchdog(tree, ANSWER_SECONDS);
        try {
            String line = out.readLine();
            while (line != null && !line.startsWith(beginning)) {
                if (line.startsWith(Request.FAILURE + " ")) {
                    throw new FailedException(line.substring(2));
                }
                line = out.readLine();
            }
            if (line == null) {
                throw new FailedException(
                        watchdog.hasBitten()
                                ? "it did not answer within " + ANSWER_SECONDS + " s"
                                : "the process has ended");
            }
            return line;
        } finally {
            watchdog.stop();
        }
    }

    private Request answer() throws IOException {
        return Request.parse(line(Request.ANSWER));
    }

    /** Lets it end by itself: its input ends. After a while it is killed, with all that it has started. */
    @Override
    public void close() {
        List<ProcessHandle> all = tree.processes();
        try {
            in.close();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (IOException ended) {
            kill();
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
        // Servers of a driver that crashed.
        all.forEach(ProcessHandle::destroyForcibly);
    }

    /** Ends it at once, with all that it has started. */
    public void kill() {
        tree.kill();
    }

    /** The system could not do what was asked of it: a result too, and the run goes on. */
    public static final class FailedException extends IOException {
        private static final long serialVersionUID = 1L;

        FailedException(String message) {
            super(message);
        }
    }
}

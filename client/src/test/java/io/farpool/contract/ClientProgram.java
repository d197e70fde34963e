package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program in a process of its own that uses a pool, on a terminal or not. Its temporary directory is the test's. */
final class ClientProgram implements AutoCloseable {
    /** Of bsdutils, which Debian counts as essential. */
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    private static final int INTERRUPT = 3;
    /** Bit n - 1 for signal n, as in a process's SigIgn. */
    private static final long HUP_INT_TERM = 1 | 1 << 1 | 1 << 14;

    /** Of what the transport and the protobuf library still do. */
    private static final int FIRST_THAT_WARNS = 24;

    /** A test's own time-out: an interrupt does not reach who reads from a pipe. */
    private static final Duration LONGEST_LIFE = Duration.ofMinutes(4);

    private final Process process;
    private final BufferedReader out;
    private final Path errors;
    private final Path temporaryDirectory;

    private ClientProgram(Process process, Path errors, Path temporaryDirectory, Duration longestLife) {
        this.process = process;
        this.errors = errors;
        this.temporaryDirectory = temporaryDirectory;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        CompletableFuture.delayedExecutor(longestLife.toSeconds(), TimeUnit.SECONDS)
                .execute(this::endIfItLives);
    }

    private void endIfItLives() {
        if (process.isAlive()) {
            close();
        }
    }

    /** Why there can be no program on a terminal here; null: there can. */
    static @Nullable String noTerminalBecause() {
        return Files.isExecutable(SCRIPT) ? null : "there is no " + SCRIPT + " to make a terminal with";
    }

    static ClientProgram start(
            Path temporaryDirectory, Class<?> main, @Nullable String coordinator, String... arguments)
            throws IOException {
        return start(new ProcessBuilder(command(temporaryDirectory, main, coordinator, arguments)), temporaryDirectory);
    }

    /** Starts one with as large a heap as the JVM's option says. */
    static ClientProgram startWithHeap(
            String heap, Path temporaryDirectory, Class<?> main, @Nullable String coordinator, String... arguments)
            throws IOException {
        return startWithHeap(heap, LONGEST_LIFE, temporaryDirectory, main, coordinator, arguments);
    }

    /** The same, for a test that takes its time. */
    static ClientProgram startWithHeap(
            String heap,
            Duration longestLife,
            Path temporaryDirectory,
            Class<?> main,
            @Nullable String coordinator,
            String... arguments)
            throws IOException {
        List<String> command = command(temporaryDirectory, main, coordinator, arguments);
        command.add(1, heap);
        return start(new ProcessBuilder(command), temporaryDirectory, longestLife);
    }

    /** Starts it as a shell would: in a session of its own, in the foreground of its own terminal. */
    static ClientProgram startOnTerminal(
            Path temporaryDirectory, Class<?> main, @Nullable String coordinator, String... arguments)
            throws IOException {
        List<String> command = command(temporaryDirectory, main, coordinator, arguments);
        Path argumentFile = Files.writeString(
                Files.createTempFile(temporaryDirectory, "arguments", ""),
                command.stream().skip(1).map(word -> '"' + word + '"').collect(Collectors.joining("\n")));
        ProcessBuilder builder = new ProcessBuilder(
                SCRIPT.toString(),
                "--quiet",
                "--return",
                "--command",
                "exec '" + command.get(0) + "' '@" + argumentFile + "'",
                "/dev/null");
        builder.environment().put("SHELL", "/bin/sh");
        return start(builder, temporaryDirectory);
    }

    private static ClientProgram start(ProcessBuilder builder, Path temporaryDirectory) throws IOException {
        return start(builder, temporaryDirectory, LONGEST_LIFE);
    }

    private static ClientProgram start(ProcessBuilder builder, Path temporaryDirectory, Duration longestLife)
            throws IOException {
        Path errors = temporaryDirectory.resolve("client.err");
        if (ignoresSignals()) {
            builder.command().addAll(0, List.of("env", "--default-signal=HUP,INT,TERM"));
        }
        return new ClientProgram(
                builder.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                        .start(),
                errors,
                temporaryDirectory,
                longestLife);
    }

    /** As what nohup starts does, or a shell in the background; programs would inherit it, and not be ended by them. */
    private static boolean ignoresSignals() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & HUP_INT_TERM) != 0);
        }
    }

    private static List<String> command(
            Path temporaryDirectory, Class<?> main, @Nullable String coordinator, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        // Not a word on stderr but Farpool's and the program's own.
        command.add("-Dslf4j.internal.verbosity=ERROR");
        if (Runtime.version().feature() >= FIRST_THAT_WARNS) {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of(
                "-Djava.io.tmpdir=" + temporaryDirectory,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                coordinator == null ? "" : coordinator));
        command.addAll(List.of(arguments));
        return command;
    }

    long pid() {
        return process.pid();
    }

    boolean runs() {
        return process.isAlive();
    }

    /** Waits for its next line; null at the end. */
    @Nullable
    String readLine() throws IOException {
        String line = out.readLine();
        return line == null ? null : line.strip(); // a terminal ends lines in its own way
    }

    void signal(String signal) throws IOException, InterruptedException {
        int status =
                new ProcessBuilder("kill", "-" + signal, "" + pid()).start().waitFor();
        assertThat(status).isZero();
    }

    /** The second time it may be gone already. */
    void signalTwice(String signal) throws IOException, InterruptedException {
        int status = new ProcessBuilder(
                        "sh",
                        "-c",
                        "kill -" + signal + " " + pid() + " && { kill -" + signal + " " + pid()
                                + " 2>/dev/null || :; }")
                .start()
                .waitFor();
        assertThat(status).isZero();
    }

    /** Presses Ctrl-C on its terminal. */
    void pressControlC() throws IOException {
        OutputStream keyboard = process.getOutputStream();
        keyboard.write(INTERRUPT);
        keyboard.flush();
    }

    /** Waits for its end. */
    int exitStatus() throws InterruptedException {
        assertThat(process.waitFor(Await.LONG.toSeconds(), TimeUnit.SECONDS))
                .as("the program ends")
                .isTrue();
        return process.exitValue();
    }

    String errors() throws IOException {
        return Files.readString(errors);
    }

    /** What Farpool has put into its temporary directory. */
    List<Path> farpoolDirectories() throws IOException {
        try (Stream<Path> all = Files.list(temporaryDirectory)) {
            return all.filter(path -> path.getFileName().toString().startsWith("farpool-"))
                    .toList();
        }
    }

    /** Kills it, if it lives. What it has started is not killed: a test that fails to end that has found something. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}

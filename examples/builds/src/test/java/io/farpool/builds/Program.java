package io.farpool.builds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs a program to its end, in a process of its own and in a directory of its own. */
final class Program {
    private static final int LONGEST_SECONDS = 150;
    private static final Pattern SENT = Pattern.compile("blobs_sent=(\\d+) bytes_sent=(\\d+)");

    private final Path directory;
    private final ProcessBuilder builder;

    /**
     * What it said.
     *
     * @param status its exit status
     */
    record Said(int status, String out, String errors) {

        /** Its lines of the form {@code name: value}. */
        Map<String, String> values() {
            assertThat(status).as(out + errors).isZero();
            Map<String, String> values = new LinkedHashMap<>();
            for (String line : out.lines().toList()) {
                int colon = line.indexOf(": ");
                if (colon >= 0) {
                    values.put(line.substring(0, colon), line.substring(colon + 2));
                }
            }
            return values;
        }

        /** What it has sent of its class path to the cluster, by its own log: files, and their bytes. */
        long[] sent() {
            Matcher sent = SENT.matcher(errors);
            assertThat(sent.find()).as(out + errors).isTrue();
            return new long[] {Long.parseLong(sent.group(1)), Long.parseLong(sent.group(2))};
        }
    }

    private Program(Path directory, List<String> command) {
        this.directory = directory;
        this.builder = new ProcessBuilder(command).directory(directory.toFile());
    }

    /** java with these arguments. */
    static Program java(Path directory, String... arguments) {
        return java(Path.of(System.getProperty("java.home")), directory, arguments);
    }

    static Program java(Path javaHome, Path directory, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                javaHome.resolve("bin").resolve("java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-Dorg.slf4j.simpleLogger.log.io.farpool.session.GrpcConnection=debug"));
        command.addAll(List.of(arguments));
        return new Program(directory, command);
    }

    /** Any command. */
    static Program of(Path directory, String... command) {
        return new Program(directory, List.of(command));
    }

    Program environment(String name, String value) {
        builder.environment().put(name, value);
        return this;
    }

    /** Runs it, and waits for its end. */
    Said run() throws IOException, InterruptedException {
        Running running = start();
        return running.end();
    }

    /** Runs it. */
    Running start() throws IOException {
        Path out = Files.createTempFile(directory, "program", ".out");
        Path errors = Files.createTempFile(directory, "program", ".err");
        Process process = builder.redirectOutput(out.toFile())
                .redirectError(errors.toFile())
                .start();
        process.getOutputStream().close();
        return new Running(process, out, errors);
    }

    /** It runs. */
    record Running(Process process, Path out, Path errors) {

        /** Waits for its end. */
        Said end() throws IOException, InterruptedException {
            try {
                boolean ended = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
                assertThat(ended)
                        .as(() -> "ended within " + LONGEST_SECONDS + " s; it said " + text(out) + text(errors))
                        .isTrue();
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            return new Said(process.exitValue(), text(out), text(errors));
        }

        private static String text(Path file) {
            try {
                return Files.readString(file, StandardCharsets.UTF_8);
            } catch (IOException e) {
                return e.toString();
            }
        }
    }
}

package io.farpool.bench.floor;

import io.farpool.bench.system.Kind;
import io.farpool.bench.system.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The child processes of a floor program. They end with their standard input, or when this is closed. */
final class Children implements AutoCloseable {
    private final List<Process> processes = new ArrayList<>();

    /** Starts a main class of the floor. */
    Process start(Class<?> main, List<String> options, String... arguments) throws IOException {
        List<String> command = Programs.java(options, Programs.classPath(Kind.FLOOR), main.getName());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }

    /** Its next line. */
    static String line(Process process) throws IOException {
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        if (line == null) {
            throw new IOException("a floor program has ended; its standard error says why");
        }
        return line;
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}

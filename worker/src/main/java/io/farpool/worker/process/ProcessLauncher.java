package io.farpool.worker.process;

import io.farpool.proto.v1.ProcessSpec;
import io.farpool.worker.hosting.ProcessKind;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Starts a worker process as its session wants it. Immutable. */
final class ProcessLauncher {
    /** They would change what every JVM does that finds them, ours and the launcher's own included. */
    static final Set<String> OPTIONS_VARIABLES = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    /** Where to find coordinators, and with which credentials, is not the task's business. */
    private static final String SCRUBBED_PREFIX = "FARPOOL_";

    private final Path socket;
    private final long heapBytes;
    private final ClassDataArchives archives;

    /**
     * @param socket where the processes report
     * @param heapBytes of a process whose session does not say; 0: the JVM's own default
     * @param archives that they may start with
     */
    ProcessLauncher(Path socket, long heapBytes, ClassDataArchives archives) {
        this.socket = socket;
        this.heapBytes = heapBytes;
        this.archives = archives;
    }

    /**
     * Starts one.
     *
     * @param directory its own, which exists
     * @param notes the file for them
     * @param token that it has to say
     * @throws IOException when it cannot be started; the message says why
     */
    Process launch(ProcessKind kind, Path directory, Path notes, String token) throws IOException {
        ProcessSpec spec = kind.spec();
        JavaRuntime java =
                spec.getJavaHome().isEmpty() ? JavaRuntime.own() : JavaRuntime.at(Path.of(spec.getJavaHome()));
        Path temporary = directory.resolve("tmp");
        List<String> command = new ArrayList<>(ProcessGroups.prefix());
        command.add(java.java().toString());
        Path archive = archives.find(java, kind, heapBytes);
        command.addAll(CommandLine.options(java.feature(), heapBytes, temporary, spec.getJvmOptionsList(), archive));
        String joined = CommandLine.classPath(kind.classPath());
        if (joined.length() > CommandLine.LONGEST_CLASS_PATH) {
            Path arguments = directory.resolve("arguments");
            Files.writeString(arguments, "-cp\n" + CommandLine.quoted(joined) + "\n");
            command.add("@" + arguments);
        } else {
            command.add("-cp");
            command.add(joined);
        }
        command.add(spec.getMainClass());
        command.add(socket.toString());
        command.add(notes.toString());
        command.add(token);
        ProcessBuilder builder = new ProcessBuilder(command);
        prepareEnvironment(builder.environment(), spec);
        File workingDirectory = spec.getWorkingDirectory().isEmpty()
                ? temporary.toFile()
                : Path.of(spec.getWorkingDirectory()).toFile();
        if (!workingDirectory.isDirectory()) {
            throw new IOException("the working directory " + workingDirectory + " does not exist on this host");
        }
        return builder.directory(workingDirectory)
                .redirectInput(Redirect.from(new File("/dev/null")))
                .start();
    }

    private static void prepareEnvironment(Map<String, String> environment, ProcessSpec spec) {
        scrub(environment);
        spec.getEnvironmentList().forEach(variable -> environment.put(variable.getName(), variable.getValue()));
    }

    /** Takes out what is not for processes. */
    static void scrub(Map<String, String> environment) {
        environment
                .keySet()
                .removeIf(name -> OPTIONS_VARIABLES.contains(name)
                        || name.toUpperCase(Locale.ROOT).startsWith(SCRUBBED_PREFIX));
    }
}

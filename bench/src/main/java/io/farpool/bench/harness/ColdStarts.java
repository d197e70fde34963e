package io.farpool.bench.harness;

import io.farpool.bench.driver.ColdStart;
import io.farpool.bench.driver.Serve;
import io.farpool.bench.floor.ColdFloor;
import io.farpool.bench.system.Kind;
import io.farpool.bench.system.Programs;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts a whole program every round, and takes its times. A system's servers run all the while. */
final class ColdStarts implements Measurement {
    private static final List<String> OPTIONS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
    private static final long PATIENCE_SECONDS = 60;
    private static final long LOOK_AGAIN_MILLIS = 50;
    /** Of an archive: the next pool renames it when it has seen that it is whole. */
    private static final Pattern MADE = Pattern.compile("/[0-9a-f-]{17,}[.](made|jsa)$");

    private static final String ADDRESSES = "addresses ";
    private static final String WITHOUT_ARCHIVES = "off";

    private final Setup setup;
    private final Kind kind;
    private final @Nullable Program servers;
    private final List<String> command;
    /** The same with an archive of class data for every JVM that it starts, and its own; empty for what is no JVM. */
    private final List<String> archivedCommand;

    /** This run's own; an embedded pool keeps those of its worker processes there too. */
    private final Path archives;

    ColdStarts(Setup setup, Kind kind) throws IOException, InterruptedException {
        this.setup = setup;
        this.kind = kind;
        servers = kind.hasServers() ? serve() : null;
        List<String> addresses = servers == null
                ? List.of()
                : List.of(servers.line(ADDRESSES).substring(ADDRESSES.length()).split(" ", -1));
        command = command(addresses);
        archives = Files.createTempDirectory(setup.target(), "class-data");
        try {
            archivedCommand = switch (kind) {
                case FLOOR -> archivedFloor();
                case FARPOOL_EMBEDDED, FARPOOL_CLUSTER, IGNITE, HAZELCAST, LOCAL -> archived();
                case PYTHON -> List.of();
            };
        } catch (IOException | InterruptedException | RuntimeException | Error failed) {
            close(); // nobody else can
            throw failed;
        }
    }

    private Program serve() throws IOException {
        List<String> serving =
                new ArrayList<>(Programs.java(List.of(), Programs.classPath(kind), Serve.class.getName()));
        serving.addAll(List.of(kind.id(), "1", "" + setup.slots()));
        return new Program(serving, setup.log(kind));
    }

    private List<String> command(List<String> addresses) {
        List<String> all = new ArrayList<>();
        switch (kind) {
            case PYTHON -> all.addAll(List.of("python3", setup.pythonDriver().toString(), "" + setup.slots(), "cold"));
            case FLOOR -> all.addAll(floor(List.of(), List.of()));
            case FARPOOL_EMBEDDED, FARPOOL_CLUSTER, IGNITE, HAZELCAST, LOCAL -> {
                List<String> options = new ArrayList<>(OPTIONS);
                options.addAll(kind.jvmOptions());
                all.addAll(Programs.java(options, Programs.classPath(kind), ColdStart.class.getName()));
                all.addAll(List.of(kind.id(), "" + setup.slots()));
                all.addAll(addresses);
            }
        }
        return all;
    }

    private static List<String> floor(List<String> parentOptions, List<String> childOptions) {
        List<String> options = new ArrayList<>(OPTIONS);
        options.addAll(parentOptions);
        List<String> all = Programs.java(options, Programs.classPath(Kind.FLOOR), ColdFloor.class.getName());
        all.addAll(OPTIONS);
        all.addAll(childOptions);
        return all;
    }

    /** Makes the archives, one for the parent and one for its children. */
    private List<String> archivedFloor() throws IOException, InterruptedException {
        Path parent = archives.resolve("floor-parent.jsa");
        Path child = archives.resolve("floor-child.jsa");
        List<String> making = floor(
                List.of("-Dfloor.gently=true", "-XX:ArchiveClassesAtExit=" + parent),
                // Both children write it; what the later one writes is there.
                List.of("-XX:ArchiveClassesAtExit=" + child));
        Map<String, Double> ignored = run(making, WITHOUT_ARCHIVES);
        return Files.exists(parent) && Files.exists(child)
                ? floor(List.of("-XX:SharedArchiveFile=" + parent), List.of("-XX:SharedArchiveFile=" + child))
                : List.of();
    }

    /** Makes the program's archive, and has an embedded pool make that of its processes. */
    private List<String> archived() throws IOException, InterruptedException {
        Path program = archives.resolve("program.jsa");
        Map<String, Double> ignored = run(with("-XX:ArchiveClassesAtExit=" + program), archives.toString());
        if (!Files.exists(program)) {
            throw new Program.FailedException("its JVM left no archive of class data");
        }
        if (kind == Kind.FARPOOL_EMBEDDED) {
            awaitRehearsed();
        }
        return with("-XX:SharedArchiveFile=" + program);
    }

    private List<String> with(String option) {
        List<String> all = new ArrayList<>(command);
        all.add(1, option);
        return all;
    }

    /** That goes on for a moment after the program has ended. */
    private void awaitRehearsed() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
            try (Stream<Path> made = Files.walk(archives)) {
                if (made.anyMatch(file -> MADE.matcher(file.toString()).find())) {
                    return;
                }
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
        throw new Program.FailedException("no archive was made within " + PATIENCE_SECONDS + " s");
    }

    @Override
    public Map<String, Double> measure() throws IOException, InterruptedException {
        Map<String, Double> values = new LinkedHashMap<>(run(command, WITHOUT_ARCHIVES));
        if (kind == Kind.FARPOOL_EMBEDDED) {
            run(command, archives.toString()).forEach((name, value) -> values.put("own_" + name, value));
        }
        if (!archivedCommand.isEmpty()) {
            run(archivedCommand, archives.toString()).forEach((name, value) -> values.put("cds_" + name, value));
        }
        return values;
    }

    private Map<String, Double> run(List<String> program, String farpoolArchives)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(program)
                .redirectError(ProcessBuilder.Redirect.appendTo(setup.log(kind).toFile()));
        builder.environment().remove("FARPOOL_COORDINATOR");
        builder.environment().put("FARPOOL_CLASS_DATA_ARCHIVES", farpoolArchives);
        long begun = System.nanoTime();
        Process process = builder.start();
        Watchdog watchdog = new Watchdog(new ProcessTree(process.toHandle()), PATIENCE_SECONDS);
        try (InputStreamReader out = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
            String said = "";
            double result = Double.NaN;
            int character = out.read();
            while (character >= 0) {
                said += (char) character;
                if (Double.isNaN(result) && said.endsWith("42\n")) {
                    result = (System.nanoTime() - begun) / 1e9;
                }
                character = out.read();
            }
            int status = process.waitFor();
            double exit = (System.nanoTime() - begun) / 1e9;
            if (status != 0 || Double.isNaN(result)) {
                throw new Program.FailedException(
                        watchdog.hasBitten()
                                ? "it did not end within " + PATIENCE_SECONDS + " s"
                                : "it ended with status " + status + " and said '" + said.strip() + "'");
            }
            return Map.of("exit_s", exit, "result_s", result);
        } finally {
            watchdog.stop();
            new ProcessTree(process.toHandle()).kill();
        }
    }

    @Override
    public void close() {
        if (servers != null) {
            servers.close();
        }
    }
}

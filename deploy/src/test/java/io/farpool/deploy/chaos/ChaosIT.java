package io.farpool.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.farpool.deploy.FarpoolProcess;
import io.farpool.deploy.chaos.Machine.Role;
import io.farpool.deploy.program.CheckedTasks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A coordinator, three workers and a client, each on a machine of its own, under faults that a seed chooses. Needs root, the
 * {@code ip}, {@code tc} and {@code nsenter} commands, and {@code nft} for faults that drop packets.
 *
 * <pre>
 *   -Dfarpool.chaos.seed=N              the seed; 1 unless given
 *   -Dfarpool.chaos.tasks=N             how many tasks at least; 20,000 unless given
 *   -Dfarpool.chaos.minutes=N           go on for so long; 0 unless given
 *   -Dfarpool.chaos.faults=A,B          only these, by the names of {@link Fault}; kill_child, say
 *   -Dfarpool.chaos.machines=A,B        strike only these of hub, one, two, three and user
 * </pre>
 */
@DisplayName("Tasks with known answers, while processes, daemons, links and disks fail,")
class ChaosIT {
    private static final String COORDINATOR = "hub";
    private static final String CLIENT = "user";
    private static final List<String> WORKERS = List.of("one", "two", "three");
    private static final int SLOTS = 2;
    private static final int PORT = 7077;
    private static final Pattern COMPLETED = Pattern.compile("(?m)^submitted \\d+ completed (\\d+) ");
    private static final String ALL_SUBMITTED = "^all submitted$";
    /** What has not been submitted by then is submitted in calm: how fast a machine is decides how many faults strike, no more. */
    private static final Duration LONGEST_STORM = Duration.ofSeconds(210);

    private static final Duration LONGEST_CALM = Duration.ofSeconds(100);

    /** Short, because Unix socket paths must be. */
    @TempDir
    private Path tmp;

    private final long seed = Long.getLong("farpool.chaos.seed", 1);
    private final int tasks = Integer.getInteger("farpool.chaos.tasks", 20_000);
    private final long minutes = Long.getLong("farpool.chaos.minutes", 0);
    private final Path logs =
            FarpoolProcess.distribution().getParent().resolveSibling("chaos").resolve("seed-" + seed);
    private final Map<String, Machine> machines = new LinkedHashMap<>();

    /** Null while no clock is to be stepped. */
    private @Nullable WallClocks clocks;

    @Test
    @DisplayName("complete exactly once each, right or lost as they may be")
    void completeOnce() throws Exception {
        Optional<String> missing = Network.missing();
        missing.ifPresent(why -> System.err.println("NOT TESTED: chaos, for " + why));
        assumeTrue(missing.isEmpty(), "NOT TESTED: chaos, for " + missing.orElse(""));
        Set<Fault> faults = faults();
        removeOldLogs();
        clocks = faults.contains(Fault.CLOCK_STEP) ? WallClocks.create(tmp) : null;
        try (Network network = Network.create(List.of(COORDINATOR, "one", "two", "three", CLIENT))) {
            try {
                start(network);
                Map<Fault, Integer> strikes = rage(faults);
                stop(network);
                judge(strikes, Ledger.read(tmp));
            } finally {
                machines.values().forEach(Machine::close);
                keepOutcomes();
            }
        }
    }

    private void keepOutcomes() throws IOException {
        Path outcomes = tmp.resolve("outcomes");
        if (Files.exists(outcomes)) {
            Files.copy(outcomes, logs.resolve("outcomes"));
        }
        Path executions = tmp.resolve("executions");
        if (Files.exists(executions)) {
            try (Stream<Path> files = Files.list(executions)) {
                for (Path file : files.toList()) {
                    Files.copy(file, logs.resolve("executions-" + file.getFileName()));
                }
            }
        }
    }

    private void removeOldLogs() throws IOException {
        Files.createDirectories(logs);
        try (Stream<Path> old = Files.list(logs)) {
            for (Path log : old.toList()) {
                Files.delete(log);
            }
        }
    }

    // ---------------------------------------------------------------------------------------------------- the machines

    private void start(Network network) throws Exception {
        String address = network.address(COORDINATOR) + ":" + PORT;
        Machine coordinator = machine(
                network,
                COORDINATOR,
                Role.COORDINATOR,
                Map.of("FARPOOL_JAVA_OPTS", "-Xmx256m"),
                farpool("coordinator", "--host", network.address(COORDINATOR), "--port", "" + PORT, "--insecure"));
        coordinator.start();
        coordinator.awaitLine("^coordinator listening on ");
        for (String name : WORKERS) {
            Path cache = Files.createDirectories(Machine.cache(tmp.resolve(name)));
            Machine worker = machine(
                    network,
                    name,
                    Role.WORKER,
                    Map.of("FARPOOL_JAVA_OPTS", "-Xmx128m"),
                    farpool(
                            "worker",
                            "--coordinator",
                            address,
                            "--name",
                            name,
                            "--slots",
                            "" + SLOTS,
                            "--cache-dir",
                            cache.toString(),
                            "--attach-timeout",
                            "10m"));
            worker.start();
        }
        for (String name : WORKERS) {
            at(name).awaitLine("^worker " + name + " attached");
        }
        machine(network, CLIENT, Role.CLIENT, Map.of("FARPOOL_COORDINATOR", address), program())
                .start();
        at(CLIENT).awaitLine("^submitted \\d+ completed [1-9]");
    }

    private Machine machine(
            Network network, String name, Role role, Map<String, String> environment, List<String> command)
            throws IOException {
        Path directory = Files.createDirectories(tmp.resolve(name));
        Map<String, String> whole = new LinkedHashMap<>(environment);
        whole.computeIfPresent(
                "FARPOOL_JAVA_OPTS", (key, options) -> options + " -XX:-UsePerfData -Djava.io.tmpdir=" + directory);
        if (clocks != null) {
            whole.putAll(clocks.environment(Machine.clock(directory)));
        }
        Machine machine = new Machine(name, role, network, directory, logs, whole, command);
        machines.put(name, machine);
        return machine;
    }

    private static List<String> farpool(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(FarpoolProcess.distribution().resolve("bin/farpool").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private List<String> program() throws Exception {
        Path classes = Path.of(CheckedTasks.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path library = FarpoolProcess.distribution().resolve("lib");
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + Files.createDirectories(tmp.resolve(CLIENT)),
                "-cp",
                String.join(File.pathSeparator, classes.toString(), library + "/*", library + "/examples/*"),
                CheckedTasks.class.getName(),
                tmp.toString(),
                "" + seed,
                "" + tasks,
                "" + Duration.ofMinutes(minutes).toSeconds());
    }

    private Machine at(String name) {
        Machine machine = machines.get(name);
        if (machine == null) {
            throw new IllegalArgumentException("there is no machine " + name);
        }
        return machine;
    }

    // ------------------------------------------------------------------------------------------------------ the faults

    private static Set<Fault> faults() {
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        String chosen = System.getProperty("farpool.chaos.faults", "");
        for (Fault fault : Fault.values()) {
            if (!chosen.isEmpty()
                    && !List.of(chosen.toUpperCase(Locale.ROOT).split(",")).contains(fault.name())) {
                continue;
            }
            Optional<String> missing = fault.missing();
            if (missing.isEmpty()) {
                faults.add(fault);
            } else {
                System.err.println("NOT TESTED: " + fault + ", for " + missing.get());
            }
        }
        assertThat(faults).as("faults named by '%s'", chosen).isNotEmpty();
        return faults;
    }

    private List<Machine> struck() {
        String names = System.getProperty("farpool.chaos.machines", String.join(",", machines.keySet()));
        return List.of(names.split(",")).stream().map(this::at).toList();
    }

    private Map<Fault, Integer> rage(Set<Fault> faults) throws Exception {
        System.out.println("chaos seed " + seed + " tasks " + tasks + " minutes " + minutes + " faults " + faults);
        Storm storm = Storm.over(struck(), faults, seed, this::completed);
        Map<Fault, Integer> strikes;
        try {
            at(CLIENT).process().awaitLine(ALL_SUBMITTED, LONGEST_STORM.plusMinutes(minutes));
        } catch (TimeoutException slow) {
            System.out.println("calm before all is submitted, " + completed() + " have completed");
        } finally {
            strikes = storm.end();
            System.out.println(storm);
        }
        long endNanos = System.nanoTime() + LONGEST_CALM.toNanos();
        at(CLIENT).process().awaitLine(ALL_SUBMITTED, LONGEST_CALM);
        int status = at(CLIENT).process().awaitExit(Duration.ofNanos(Math.max(0, endNanos - System.nanoTime())));
        String said = at(CLIENT).process().stdout();
        at(CLIENT).close();
        said.lines().filter(line -> line.startsWith("completed")).forEach(System.out::println);
        assertThat(status).as("the client's exit status; see " + logs).isZero();
        return strikes;
    }

    private long completed() {
        long latest = 0;
        Matcher lines = COMPLETED.matcher(at(CLIENT).process().stdout());
        while (lines.find()) {
            latest = Long.parseLong(lines.group(1));
        }
        return latest;
    }

    /** Calm may have come while something was being started again. */
    private void stop(Network network) throws Exception {
        at(COORDINATOR).awaitLine("^coordinator listening on ");
        for (String name : WORKERS) {
            at(name).awaitLine("^worker " + name + " attached");
        }
        for (String name : WORKERS) {
            assertThat(at(name).stop())
                    .as("exit status of " + name + "; see " + logs)
                    .isZero();
        }
        assertThat(at(COORDINATOR).stop())
                .as("exit status of the coordinator; see " + logs)
                .isZero();
        assertThat(network.processesLeft()).as("processes left").isEmpty();
    }

    private void judge(Map<Fault, Integer> strikes, Ledger ledger) {
        System.out.println(strikes);
        System.out.println(ledger);
        assertThat(strikes).as("faults that have struck").isNotEmpty();
        ledger.check(tasks);
        if (Fault.HARMLESS.containsAll(strikes.keySet())) {
            ledger.checkNothingWasLost();
        }
        if (strikes.keySet().equals(EnumSet.of(Fault.KILL_CHILD))) {
            assertThat(ledger.processesLost())
                    .as("tasks that died with their process, one each")
                    .isLessThanOrEqualTo(strikes.get(Fault.KILL_CHILD));
        }
    }
}

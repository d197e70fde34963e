package io.farpool.bench.harness;

import static io.farpool.bench.harness.Metric.higher;
import static io.farpool.bench.harness.Metric.lower;

import io.farpool.bench.system.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The workloads of a run, in the order of the report. Counts are sized so that a round takes a second or a few. */
public final class Workloads {
    /** Ids, for whoever compares results. */
    public static final String THROUGHPUT = "throughput";

    public static final String MAP_1 = "map-1";
    public static final String MAP_64 = "map-64";
    public static final String LATENCY = "latency";
    public static final String ECHO_1_KIB = "echo-1KiB";
    public static final String ECHO_1_MIB = "echo-1MiB";
    public static final String ECHO_64_MIB = "echo-64MiB";
    public static final String SPIN_10_MS = "spin-10ms";
    public static final String SPIN_1_MS = "spin-1ms";
    public static final String COLD_START = "cold-start";
    public static final String QUEUE = "queue-memory";
    public static final String MAKESPAN = "makespan";

    /** What a round of small tasks takes at least: CPU time is told in hundredths of a second a process. */
    private static final int LEAST_SECONDS = 2;

    /**
     * Warming up. A cluster's five JVMs compile on the same cores as they work on: its throughput still rises after 50 s here, and
     * a third of the CPU time of its first large payloads is the compilers'.
     */
    private static final int LONG_WARM_UP_SECONDS = 60;

    /** Where a message carries several tasks of a millisecond, what each message goes through is compiled later still. */
    private static final int LONGEST_WARM_UP_SECONDS = 100;

    private static final int WARM_UP_SECONDS = 40;
    private static final int SHORT_WARM_UP_SECONDS = 20;
    private static final int ONE_ROUND = 1;
    private static final int LARGE_BYTES = 16 << 20;

    private static final Set<Kind> FLOOR = Set.of(Kind.FLOOR);
    private static final Set<Kind> NOT_IN_PROCESS = Set.of(Kind.LOCAL);

    private final Setup setup;

    private Workloads(Setup setup) {
        this.setup = setup;
    }

    /** All of them. */
    public static List<Workload> of(Setup setup) {
        return new Workloads(setup).all();
    }

    private List<Workload> all() {
        List<Workload> all = new ArrayList<>();
        int tasks = setup.count(50_000, 200);
        int seconds = setup.count(LEAST_SECONDS, 0);
        all.add(new Workload(
                THROUGHPUT,
                "no-op submits",
                tasks + " tasks that return the number they were made with, handed in one by one, then all results "
                        + "waited for; that again until " + LEAST_SECONDS
                        + " s are over. CPU is of all processes of the system, the client's too. "
                        + "The floor sends the same number of 64-byte tasks, 64 in a message",
                List.of(higher("tasks_per_s", "tasks/s"), lower("cpu_us_per_task", "CPU µs per task")),
                Set.of(),
                LONG_WARM_UP_SECONDS,
                (with, kind) -> new Asking(with, kind, 1, "throughput tasks=" + tasks + " seconds=" + seconds)));
        all.add(map(MAP_1, 1, setup.count(50_000, 200)));
        all.add(map(MAP_64, 64, setup.count(1_000_000, 1_000)));
        int sequential = setup.count(5_000, 50);
        all.add(new Workload(
                LATENCY,
                "latency",
                sequential
                        + " no-ops, each handed in when the result of the one before is there. The "
                        + "floor is the sum of a gRPC relay's round trip (three processes) and a Unix socket's (two)",
                List.of(lower("p50_us", "p50 µs"), lower("p99_us", "p99 µs"), lower("p999_us", "p999 µs")),
                Set.of(),
                LONG_WARM_UP_SECONDS,
                (with, kind) -> new Asking(with, kind, 1, "latency tasks=" + sequential)));
        all.add(echo(ECHO_1_KIB, "1 KiB", 1 << 10, setup.count(2_000, 20)));
        all.add(echo(ECHO_1_MIB, "1 MiB", 1 << 20, setup.count(100, 3)));
        all.add(echo(ECHO_64_MIB, "64 MiB", 64 << 20, setup.count(3, 1)));
        all.add(spin(
                SPIN_10_MS,
                10,
                setup.count(400, 10),
                ". The floor is child processes that always have a task ahead, and for each "
                        + "task a message of 64 bytes through the gRPC relay, there and back",
                Set.of()));
        // A millisecond is gathered with others: one message for each is no floor.
        all.add(spin(SPIN_1_MS, 1, setup.count(4_000, 50), "", FLOOR));
        all.add(new Workload(
                COLD_START,
                "cold start",
                "A program of its own that takes one result and ends, from its start to that result and to its end; where a "
                        + "system has servers, they run already. The program's JVM with -XX:+UseSerialGC "
                        + "-XX:TieredStopAtLevel=1, what it starts as the system does by default. The floor is "
                        + "a JVM with two child JVMs, all three with these options, and Kryo over Unix sockets. With archives of "
                        + "class data for the program (-XX:ArchiveClassesAtExit in a run before) and for what it starts: the "
                        + "floor's two child JVMs, Farpool's worker processes. An embedded pool makes that of its processes by "
                        + "itself, and is measured with that alone, too; without archives it is told to use none. The "
                        + "cluster's daemon, which runs already, always has its own",
                List.of(
                        lower("exit_s", "s to exit"),
                        lower("result_s", "s to result"),
                        lower("own_exit_s", "s to exit, with what Farpool archives by itself"),
                        lower("own_result_s", "s to result, with that"),
                        lower("cds_exit_s", "s to exit, with archives"),
                        lower("cds_result_s", "s to result, with archives")),
                NOT_IN_PROCESS,
                ONE_ROUND,
                ColdStarts::new));
        int queued = setup.count(100_000, 500);
        all.add(new Workload(
                QUEUE,
                "memory per queued task",
                "All slots blocked, then " + queued
                        + " no-ops handed in: the growth, in all processes together, of live "
                        + "objects in the JVMs' heaps, after a full collection in each. Python: of its memory. New processes each "
                        + "round",
                List.of(lower("bytes_per_task", "bytes")),
                FLOOR,
                0,
                (with, kind) -> new QueueMemory(with, kind, queued)));
        all.add(makespan());
        return all;
    }

    private Workload map(String id, int chunkSize, int items) {
        return new Workload(
                id,
                "map, chunks of " + chunkSize,
                items
                        + " numbers and one more, that again until " + LEAST_SECONDS
                        + " s are over. Ignite, Hazelcast and the in-process pool have no map: they "
                        + "are handed in chunks of as many items",
                List.of(higher("items_per_s", "items/s")),
                FLOOR,
                LONG_WARM_UP_SECONDS,
                (with, kind) -> new Asking(
                        with,
                        kind,
                        1,
                        "map items=" + items + " chunk=" + chunkSize + " seconds=" + setup.count(LEAST_SECONDS, 0)));
    }

    private static Workload echo(String id, String size, int bytes, int times) {
        return new Workload(
                id,
                size + " there and back",
                "a byte[] as argument and as result, " + times
                        + " times, one after another; MB/s counts both ways. The "
                        + "floor sends it through the gRPC relay, in chunks of 1 MiB",
                List.of(lower("round_trip_ms", "ms"), higher("mb_per_s", "MB/s")),
                NOT_IN_PROCESS,
                bytes < LARGE_BYTES ? WARM_UP_SECONDS : LONG_WARM_UP_SECONDS,
                (with, kind) -> new Asking(with, kind, 1, "echo bytes=" + bytes + " times=" + times));
    }

    private static Workload spin(String id, int millis, int tasks, String floor, Set<Kind> without) {
        String length = millis + " ms";
        return new Workload(
                id,
                "spinning tasks of " + length,
                tasks + " tasks that each use " + length
                        + " of CPU time, handed in together: efficiency is that CPU time by what "
                        + "the slots offered while it took; busy is the share of it that tasks were running. Here "
                        + "tasks of 1 ms warm up, as C2 compiles what every task goes through when some thousands have come by"
                        + floor,
                List.of(higher("efficiency", "efficiency"), higher("slots_busy", "slots busy")),
                without,
                LONGEST_WARM_UP_SECONDS,
                (with, kind) -> new Asking(
                        with,
                        kind,
                        1,
                        "spin micros=" + 1_000 * millis + " tasks=" + tasks,
                        "spin micros=1000 tasks=" + millis * tasks));
    }

    private Workload makespan() {
        HeavyTail lengths = HeavyTail.of(setup.count(400, 20), setup.quick() ? 50_000 : 2_000_000);
        int hosts = 2;
        double ideal = lengths.idealSeconds(hosts * setup.slots());
        String warmUp = "makespan micros=" + String.join(",", Collections.nCopies(setup.count(2_000, 20), "1000"));
        return new Workload(
                MAKESPAN,
                "makespan",
                lengths.count() + " sleeping tasks of heavy-tailed length (" + lengths.describe() + ") on " + hosts
                        + " hosts × "
                        + setup.slots()
                        + " slots (systems without hosts: one with as many slots), against the same lengths in "
                        + "the same order on an ideal pool. Here tasks that sleep for 1 ms warm up",
                List.of(lower("makespan_s", "s"), lower("by_ideal", "÷ ideal")),
                FLOOR,
                SHORT_WARM_UP_SECONDS,
                (with, kind) -> new Asking(with, kind, hosts, "makespan micros=" + lengths.list(), warmUp) {
                    @Override
                    public Map<String, Double> measure() throws IOException {
                        Map<String, Double> values = new LinkedHashMap<>(super.measure());
                        values.put("by_ideal", values.getOrDefault("makespan_s", Double.NaN) / ideal);
                        return values;
                    }
                });
    }
}

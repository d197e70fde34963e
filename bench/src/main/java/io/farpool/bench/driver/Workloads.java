package io.farpool.bench.driver;

import io.farpool.bench.harness.Statistics;
import io.farpool.bench.system.Pool;
import io.farpool.bench.task.Echo;
import io.farpool.bench.task.NoOp;
import io.farpool.bench.task.Produce;
import io.farpool.bench.task.Sleep;
import io.farpool.bench.task.Spin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The workloads, on whatever pool. Answers are named numbers; each name carries its unit. For one thread. */
final class Workloads {
    /** Long enough that the harness has ended this process first. */
    private static final long BLOCKED_NANOS = 3_600_000_000_000L;

    private static final int PAGE_BYTES = 4_096;

    private final Pool pool;
    private final int slots;
    /** Of {@link #queue}: their tasks stay queued as long as this process lives. */
    private final List<Future<Long>> queued = new ArrayList<>();

    Workloads(Pool pool, int slots) {
        this.pool = pool;
        this.slots = slots;
    }

    Map<String, Double> run(Request request) throws Exception {
        return switch (request.verb()) {
            case "throughput" -> throughput(request.number("tasks"), request.number("seconds"));
            case "map" -> map(request.number("items"), request.number("chunk"), request.number("seconds"));
            case "latency" -> latency(request.number("tasks"));
            case "echo" -> echo(request.number("bytes"), request.number("times"));
            case "produce" -> produce(request.number("bytes"), request.number("times"));
            case "spin" -> spin(request.number("micros"), request.number("tasks"));
            case "makespan" -> makespan(request.numbers("micros"));
            case "block" -> block();
            case "queue" -> queue(request.number("tasks"));
            default -> throw new IllegalArgumentException("unknown workload '" + request.verb() + "'");
        };
    }

    /** Again and again until so many seconds are over, at least once. */
    private Map<String, Double> throughput(int tasks, int leastSeconds) throws Exception {
        long begun = System.nanoTime();
        double seconds;
        long done = 0;
        do {
            long sum = 0;
            for (long result :
                    pool.all(LongStream.range(0, tasks).mapToObj(NoOp::new).toList())) {
                sum += result;
            }
            expect(sum, tasks * (tasks - 1L) / 2);
            done += tasks;
            seconds = secondsSince(begun);
        } while (seconds < leastSeconds);
        return answer("tasks_per_s", done / seconds, "elapsed_s", seconds, "tasks", done);
    }

    private Map<String, Double> map(int items, int chunkSize, int leastSeconds) throws Exception {
        long begun = System.nanoTime();
        double seconds;
        long done = 0;
        do {
            expect(pool.map(items, chunkSize), items * (items + 1L) / 2);
            done += items;
            seconds = secondsSince(begun);
        } while (seconds < leastSeconds);
        return answer("items_per_s", done / seconds, "elapsed_s", seconds);
    }

    private Map<String, Double> latency(int tasks) throws Exception {
        double[] micros = new double[tasks];
        for (int i = 0; i < tasks; i++) {
            long begun = System.nanoTime();
            expect(pool.submit(new NoOp(i)).get(), i);
            micros[i] = (System.nanoTime() - begun) / 1e3;
        }
        return percentiles(micros);
    }

    /** Names and units of what is told of a latency. */
    static Map<String, Double> percentiles(double[] micros) {
        Arrays.sort(micros);
        return answer(
                "p50_us",
                Statistics.percentile(micros, 50),
                "p99_us",
                Statistics.percentile(micros, 99),
                "p999_us",
                Statistics.percentile(micros, 99.9));
    }

    private Map<String, Double> echo(int bytes, int times) throws Exception {
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i += PAGE_BYTES) {
            payload[i] = (byte) (i * 31);
        }
        double[] millis = new double[times];
        for (int i = 0; i < times; i++) {
            long begun = System.nanoTime();
            byte[] back = pool.submit(new Echo(payload)).get();
            millis[i] = (System.nanoTime() - begun) / 1e6;
            expect(back.length, bytes);
        }
        return roundTrips(millis, bytes);
    }

    static Map<String, Double> roundTrips(double[] millis, int bytes) {
        Arrays.sort(millis);
        double median = Statistics.percentile(millis, 50);
        return answer("round_trip_ms", median, "mb_per_s", 2.0 * bytes / 1e3 / median);
    }

    private Map<String, Double> produce(int bytes, int times) throws Exception {
        long begun = System.nanoTime();
        for (int i = 0; i < times; i++) {
            expect(pool.submit(new Produce(bytes)).get().length, bytes);
        }
        double seconds = secondsSince(begun);
        return answer("mb_per_s", (double) bytes * times / 1e6 / seconds, "elapsed_s", seconds);
    }

    private Map<String, Double> spin(int micros, int tasks) throws Exception {
        List<Spin> spins = Collections.nCopies(tasks, new Spin(micros * 1_000L));
        long begun = System.nanoTime();
        double busy = 0;
        for (long nanos : pool.all(spins)) {
            busy += nanos / 1e9;
        }
        return efficiency(tasks * micros / 1e6, busy, secondsSince(begun), slots);
    }

    /** Names of what is told of tasks that compute. */
    static Map<String, Double> efficiency(double cpuSeconds, double busySeconds, double seconds, int slots) {
        double offered = seconds * slots;
        return answer("efficiency", cpuSeconds / offered, "slots_busy", busySeconds / offered, "elapsed_s", seconds);
    }

    private Map<String, Double> makespan(long[] micros) throws Exception {
        List<Sleep> sleeps =
                Arrays.stream(micros).mapToObj(each -> new Sleep(each * 1_000)).toList();
        long begun = System.nanoTime();
        List<Long> ignored = pool.all(sleeps);
        return answer("makespan_s", secondsSince(begun));
    }

    /** Gives every slot a task that does not end. */
    private Map<String, Double> block() {
        IntStream.range(0, slots).forEach(i -> queued.add(pool.submit(new Sleep(BLOCKED_NANOS))));
        return answer("blocked", slots);
    }

    private Map<String, Double> queue(int tasks) {
        IntStream.range(0, tasks).forEach(i -> queued.add(pool.submit(new NoOp(i))));
        return answer("queued", queued.size());
    }

    private static void expect(long value, long expected) {
        if (value != expected) {
            throw new IllegalStateException("a result is wrong: " + value + ", expected " + expected);
        }
    }

    private static double secondsSince(long begunNanos) {
        return (System.nanoTime() - begunNanos) / 1e9;
    }

    static Map<String, Double> answer(Object... namesAndNumbers) {
        Map<String, Double> answer = new LinkedHashMap<>();
        for (int i = 0; i < namesAndNumbers.length; i += 2) {
            answer.put((String) namesAndNumbers[i], ((Number) namesAndNumbers[i + 1]).doubleValue());
        }
        return answer;
    }
}

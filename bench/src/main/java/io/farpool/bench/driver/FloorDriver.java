package io.farpool.bench.driver;

import io.farpool.bench.floor.Floor;
import java.util.Map;

/** The floor under the harness: the workloads that have a meaning without a pool. {@code SLOTS}. */
public final class FloorDriver {
    /** Tasks in a message, and bytes in a task. */
    private static final int BATCH = 64;

    private static final int TASK_BYTES = 64;

    private FloorDriver() {}

    public static void main(String[] args) throws Exception {
        int slots = Integer.parseInt(args[0]);
        try (Floor floor = new Floor()) {
            Conversation.hold(request -> run(floor, slots, request));
        }
        System.exit(0);
    }

    private static Map<String, Double> run(Floor floor, int slots, Request request) throws Exception {
        return switch (request.verb()) {
            case "throughput" -> throughput(floor, request.number("tasks"), request.number("seconds"));
            case "latency" -> latency(floor, request.number("tasks"));
            case "echo" ->
                Workloads.roundTrips(
                        floor.echoes(request.number("bytes"), request.number("times")), request.number("bytes"));
            case "spin" -> spin(floor, slots, request.number("micros"), request.number("tasks"));
            default -> throw new IllegalArgumentException("the floor has no workload '" + request.verb() + "'");
        };
    }

    private static Map<String, Double> throughput(Floor floor, int tasks, int leastSeconds) throws Exception {
        int messages = Math.max(1, tasks / BATCH);
        double seconds = 0;
        long done = 0;
        do {
            seconds += floor.batches(messages, BATCH * TASK_BYTES);
            done += (long) messages * BATCH;
        } while (seconds < leastSeconds);
        return Workloads.answer("tasks_per_s", done / seconds, "elapsed_s", seconds, "tasks", done);
    }

    private static Map<String, Double> spin(Floor floor, int slots, int micros, int tasks) throws Exception {
        long begun = System.nanoTime();
        double busySeconds = floor.spin(tasks, micros * 1_000L, slots) / 1e9;
        return Workloads.efficiency(tasks * micros / 1e6, busySeconds, (System.nanoTime() - begun) / 1e9, slots);
    }

    /** The sum of both hops' percentiles, and each apart. */
    private static Map<String, Double> latency(Floor floor, int tasks) throws Exception {
        Map<String, Double> relay = Workloads.percentiles(floor.relayRoundTrips(tasks));
        Map<String, Double> unix = Workloads.percentiles(floor.unixRoundTrips(tasks));
        Map<String, Double> answer = Workloads.answer();
        relay.forEach((name, value) -> answer.put(name, value + unix.getOrDefault(name, 0.0)));
        relay.forEach((name, value) -> answer.put("relay_" + name, value));
        unix.forEach((name, value) -> answer.put("unix_" + name, value));
        return answer;
    }
}

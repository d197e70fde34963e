package io.farpool.bench.harness;

import io.farpool.bench.system.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was measured: the rounds' values by workload, system and metric, and what failed. For one thread. */
public final class Results {
    private final Map<String, Map<Kind, Map<String, List<Double>>>> values = new LinkedHashMap<>();
    private final Map<String, Map<Kind, String>> failures = new LinkedHashMap<>();

    /** Adds a round's values. */
    public void add(String workload, Kind kind, Map<String, Double> round) {
        Map<String, List<Double>> metrics = values.computeIfAbsent(workload, none -> new EnumMap<>(Kind.class))
                .computeIfAbsent(kind, none -> new LinkedHashMap<>());
        round.forEach((name, value) ->
                metrics.computeIfAbsent(name, none -> new ArrayList<>()).add(value));
    }

    /** Notes that a system could not do it, and why; the first reason stays. */
    public void fail(String workload, Kind kind, String why) {
        String ignored = failures.computeIfAbsent(workload, none -> new EnumMap<>(Kind.class))
                .putIfAbsent(kind, why);
    }

    /** The rounds of one metric; empty when there are none. */
    public List<Double> rounds(String workload, Kind kind, String metric) {
        return values.getOrDefault(workload, Map.of())
                .getOrDefault(kind, Map.of())
                .getOrDefault(metric, List.of());
    }

    /** Its statistics, if there are any rounds. */
    public Optional<Statistics> statistics(String workload, Kind kind, String metric) {
        List<Double> rounds = rounds(workload, kind, metric);
        return rounds.isEmpty() ? Optional.empty() : Optional.of(Statistics.of(rounds));
    }

    /** Why a system could not do a workload; empty when it could. */
    public Optional<String> failure(String workload, Kind kind) {
        return Optional.ofNullable(failures.getOrDefault(workload, Map.of()).get(kind));
    }

    /** For raw results: workload, system, metric, rounds. */
    public Map<String, Object> raw() {
        Map<String, Object> raw = new LinkedHashMap<>();
        values.forEach((workload, kinds) -> {
            Map<String, Object> byKind = new LinkedHashMap<>();
            kinds.forEach((kind, metrics) -> byKind.put(kind.id(), new LinkedHashMap<>(metrics)));
            raw.put(workload, byKind);
        });
        Map<String, Object> failed = new LinkedHashMap<>();
        failures.forEach((workload, kinds) -> {
            Map<String, Object> byKind = new LinkedHashMap<>();
            kinds.forEach((kind, why) -> byKind.put(kind.id(), why));
            failed.put(workload, byKind);
        });
        raw.put("failures", failed);
        return raw;
    }
}

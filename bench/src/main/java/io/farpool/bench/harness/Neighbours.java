package io.farpool.bench.harness;

import io.farpool.bench.driver.Serve;
import io.farpool.bench.system.Kind;
import io.farpool.bench.system.Programs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Two sessions of one cluster: one has small tasks, the other large results. For one thread. */
public final class Neighbours implements AutoCloseable {
    private static final String ADDRESSES = "addresses ";

    private final Program servers;
    private final Program small;
    private final Program large;
    private final String smallRequest;
    private final String largeRequest;

    /** Starts the cluster, one host with two slots, and both sessions. */
    public Neighbours(Setup setup, int largeBytes) throws IOException {
        smallRequest = "latency tasks=" + setup.count(5_000, 50);
        largeRequest = "produce times=2 bytes=" + largeBytes;
        List<String> serving = new ArrayList<>(
                Programs.java(List.of(), Programs.classPath(Kind.FARPOOL_CLUSTER), Serve.class.getName()));
        serving.addAll(List.of(Kind.FARPOOL_CLUSTER.id(), "1", "2"));
        servers = new Program(serving, setup.log(Kind.FARPOOL_CLUSTER));
        try {
            String address = servers.line(ADDRESSES).substring(ADDRESSES.length());
            small = Program.driver(setup, Kind.FARPOOL_CLUSTER, 1, 1, address);
            large = Program.driver(setup, Kind.FARPOOL_CLUSTER, 1, 1, address);
        } catch (IOException | RuntimeException failure) {
            servers.kill();
            throw failure;
        }
    }

    /** One round: the small tasks alone, then beside the large results. */
    public Map<String, Double> measure() throws IOException, InterruptedException {
        // Both have their process from here on.
        Map<String, Double> ignored = large.ask(largeRequest);
        Map<String, Double> values = new LinkedHashMap<>();
        small.ask(smallRequest).forEach((name, value) -> values.put("alone_" + name, value));
        AtomicBoolean over = new AtomicBoolean();
        List<Double> rates = new ArrayList<>();
        AtomicReference<@Nullable IOException> failed = new AtomicReference<>();
        Thread neighbour = new Thread(
                () -> {
                    try {
                        do {
                            rates.add(large.ask(largeRequest).getOrDefault("mb_per_s", 0.0));
                        } while (!over.get());
                    } catch (IOException failure) {
                        failed.set(failure);
                    }
                },
                "neighbour");
        neighbour.start();
        try {
            small.ask(smallRequest).forEach((name, value) -> values.put("beside_" + name, value));
        } finally {
            over.set(true);
            neighbour.join();
        }
        IOException failure = failed.get();
        if (failure != null) {
            throw failure;
        }
        values.put("large_mb_per_s", Statistics.of(rates).median());
        return values;
    }

    @Override
    public void close() {
        small.close();
        large.close();
        servers.close();
    }
}

package io.farpool.bench.harness;

import io.farpool.bench.system.Kind;
import java.io.IOException;
import java.util.Map;

/** One system under one workload, over the rounds. Closing it ends its processes. */
public interface Measurement extends AutoCloseable {
    /** One round. */
    Map<String, Double> measure() throws IOException, InterruptedException;

    /** As a round, while the system is warmed up. */
    default Map<String, Double> warmUp() throws IOException, InterruptedException {
        return measure();
    }

    @Override
    void close();

    /** Starts a system for a workload. */
    interface Opening {
        Measurement open(Setup setup, Kind kind) throws IOException, InterruptedException;
    }
}

package io.farpool.examples;

import io.farpool.ProcessPoolExecutor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where an example's worker processes run: on this machine, or on a cluster. */
final class PoolOptions {
    @Option(
            names = "--coordinator",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:FARPOOL_COORDINATOR}",
            description = "The cluster to run on (default: $FARPOOL_COORDINATOR; processes on this machine without).")
    @Nullable
    String coordinator;

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec;

    @SuppressWarnings("NullAway.Init")
    PoolOptions() {}

    /** A builder that knows where; everything else about the pool is the example's. */
    ProcessPoolExecutor.Builder pool() {
        ProcessPoolExecutor.Builder builder = ProcessPoolExecutor.builder();
        if (coordinator == null || coordinator.isBlank()) {
            return builder;
        }
        try {
            return builder.coordinator(coordinator);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--coordinator: " + e.getMessage(), e);
        }
    }
}

package io.farpool.session;

import io.farpool.proto.v1.ProcessSpec;
import java.time.Duration;

/**
 * What an executor asks of its session.
 *
 * @param name for people
 * @param process what the worker processes are
 * @param maxWorkers worker processes over the whole cluster; 0 for no cap
 * @param connectTimeout how long the first contact with a coordinator is tried
 * @param coordinatorLossTimeout how long another contact is tried when the coordinator was lost
 */
public record SessionSettings(
        String name, ProcessSpec process, int maxWorkers, Duration connectTimeout, Duration coordinatorLossTimeout) {
    /** How long the first contact with a coordinator is tried, unless the executor's builder says otherwise. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** How long a lost coordinator is waited for, unless the executor's builder says otherwise. */
    public static final Duration DEFAULT_COORDINATOR_LOSS_TIMEOUT = Duration.ofMinutes(5);
}

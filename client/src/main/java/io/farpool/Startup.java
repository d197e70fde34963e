package io.farpool;

/**
 * When a pool's worker processes are started. Never before its first task is submitted.
 *
 * <pre>{@code
 * ProcessContext.defaults().startup(Startup.ALL_AT_ONCE)
 * }</pre>
 */
public enum Startup {
    /** A process is started when a task finds none idle. The default, and what Python does where it spawns processes. */
    ON_DEMAND,

    /**
     * With the first task all processes are started, as many as {@code maxWorkers}: what Python does where it forks them. On a
     * cluster, those that find a slot that no other session has a task for; they give it up, as any idle process does, once
     * one has. Processes that have ended since, after a minute without a task or after their last one, are replaced on demand.
     */
    ALL_AT_ONCE
}

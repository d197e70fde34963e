package io.farpool.coordinator.scheduling;

/** What only this package can ask a scheduler, for simulations elsewhere. */
public final class Rest {
    private Rest() {}

    /** Whether nothing is remembered of any task or attempt. */
    public static boolean isAtRest(Scheduler scheduler) {
        return scheduler.isAtRest();
    }
}

package io.farpool.deploy.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Faults that strike several machines at once, and each machine one at a time. Which strike, in what order and for how long is
 * the seed's choice alone.
 */
final class Storm {
    private static final int SHORTEST_PAUSE_MILLIS = 1_000;
    private static final int LONGEST_PAUSE_MILLIS = 9_000;
    /** By all, between two faults of one machine: however slow everything is, most of the time is not for faults. */
    private static final int TASKS_BETWEEN = 100;

    private static final long MOST_MENDING_MILLIS = 90_000;

    private final Calm calm = new Calm();
    private final long startNanos = System.nanoTime();
    private final List<Thread> threads = new ArrayList<>();
    private final Map<Fault, Integer> strikes = new EnumMap<>(Fault.class);
    private final List<Exception> failures = new ArrayList<>();
    private final List<String> log = new ArrayList<>();

    private final LongSupplier completed;

    private Storm(LongSupplier completed) {
        this.completed = completed;
    }

    /**
     * It begins.
     *
     * @param completed how many tasks have
     */
    static Storm over(List<Machine> machines, Set<Fault> faults, long seed, LongSupplier completed) {
        Storm storm = new Storm(completed);
        for (Machine machine : machines) {
            List<Fault> fitting =
                    faults.stream().filter(fault -> fault.canStrike(machine)).toList();
            Random random = new Random(seed * 31 + machine.name.hashCode());
            if (!fitting.isEmpty()) {
                storm.threads.add(new Thread(() -> storm.rage(machine, fitting, random), "faults-of-" + machine.name));
            }
        }
        storm.threads.forEach(Thread::start);
        return storm;
    }

    private void rage(Machine machine, List<Fault> faults, Random random) {
        try {
            calm.await(random.nextInt(LONGEST_PAUSE_MILLIS));
            while (!calm.hasCome()) {
                Fault fault = faults.get(random.nextInt(faults.size()));
                long begunMillis = millis();
                boolean struck = fault.strike(machine, random, calm);
                note(fault, machine, struck, begunMillis);
                long before = completed.getAsLong();
                calm.await(SHORTEST_PAUSE_MILLIS + random.nextInt(LONGEST_PAUSE_MILLIS - SHORTEST_PAUSE_MILLIS));
                while (!calm.hasCome() && completed.getAsLong() < before + TASKS_BETWEEN) {
                    calm.await(200);
                }
            }
        } catch (IOException | InterruptedException | RuntimeException failure) {
            synchronized (this) {
                failures.add(failure);
            }
        }
    }

    private synchronized void note(Fault fault, Machine machine, boolean struck, long begunMillis) {
        if (struck) {
            strikes.merge(fault, 1, Integer::sum);
            log.add("%7d .. %7d ms %s on %s".formatted(begunMillis, millis(), fault, machine.name));
        }
    }

    private long millis() {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    /** Mends everything; the faults that have struck, with how often. */
    Map<Fault, Integer> end() throws Exception {
        calm.comes();
        for (Thread thread : threads) {
            thread.join(MOST_MENDING_MILLIS);
            if (thread.isAlive()) {
                throw new AssertionError(thread.getName() + " could not be ended");
            }
        }
        synchronized (this) {
            if (!failures.isEmpty()) {
                throw failures.get(0);
            }
            return strikes;
        }
    }

    @Override
    public synchronized String toString() {
        return String.join("\n", log);
    }
}

package io.farpool.interleaving;

import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jspecify.annotations.Nullable;

/** Runs a piece of concurrent code in many interleavings, under Lincheck's model checker: also what hangs is found. */
public final class Interleavings {
    /** What the numbers of interleavings are multiplied with, for longer runs. */
    private static final int FACTOR = Integer.getInteger("farpool.interleavings.factor", 1);

    private static final int PLAIN_RUNS = 5;

    private Interleavings() {}

    public static void explore(int interleavings, Runnable scenario) {
        // Without the model checker first: it would take a class's first use by two threads for a hang.
        for (int run = 0; run < PLAIN_RUNS; run++) {
            scenario.run();
        }
        try {
            Lincheck.runConcurrentTest(interleavings * FACTOR, scenario);
        } catch (LincheckAssertionError hung) {
            if (!isByTheClock(hung)) {
                throw hung;
            }
            // The same interleavings again: what really hangs does so again.
            Lincheck.runConcurrentTest(interleavings * FACTOR, scenario);
        }
    }

    /**
     * Whether one interleaving took longer than the model checker's 30 seconds, so that it knows of none that hangs: on a busy
     * machine the first takes so long, which transforms the classes.
     */
    private static boolean isByTheClock(LincheckAssertionError failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains("has hung") && !message.contains("interleaving leads to the error");
    }

    /** Runs these at once, the first in the calling thread, and waits for all. */
    public static void together(Runnable... bodies) {
        Throwable[] thrown = new Throwable[bodies.length];
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i < bodies.length; i++) {
            int body = i;
            Thread thread = new Thread(() -> thrown[body] = run(bodies[body]));
            threads.add(thread);
            thread.start();
        }
        thrown[0] = run(bodies[0]);
        threads.forEach(Interleavings::join);
        for (Throwable one : thrown) {
            if (one != null) {
                throw new AssertionError(one);
            }
        }
    }

    private static @Nullable Throwable run(Runnable body) {
        try {
            body.run();
            return null;
        } catch (Throwable thrown) {
            return thrown;
        }
    }

    /** An assertion that costs the model checker little. */
    public static void require(boolean condition, Object found) {
        if (!condition) {
            throw new AssertionError("found " + found);
        }
    }

    public static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

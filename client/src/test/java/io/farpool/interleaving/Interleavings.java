package io.farpool.interleaving;

import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.Lincheck;

/** Runs a piece of concurrent code in many interleavings, under Lincheck's model checker: also what hangs is found. */
public final class Interleavings {
    /** What the numbers of interleavings are multiplied with, for longer runs. */
    private static final int FACTOR = Integer.getInteger("farpool.interleavings.factor", 1);

    private Interleavings() {}

    public static void explore(int interleavings, Runnable scenario) {
        Lincheck.runConcurrentTest(interleavings * FACTOR, scenario);
    }

    /** Runs these at once, the first in the calling thread, and waits for all. */
    public static void together(Runnable... bodies) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i < bodies.length; i++) {
            Thread thread = new Thread(bodies[i]);
            threads.add(thread);
            thread.start();
        }
        bodies[0].run();
        threads.forEach(Interleavings::join);
    }

    public static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts here", e);
        }
    }
}

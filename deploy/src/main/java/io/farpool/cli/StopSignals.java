package io.farpool.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import sun.misc.Signal;

/**
 * SIGTERM and SIGINT for a daemon: the first asks it to stop, the second ends the JVM at once with 128 and the signal's number.
 * A shutdown hook would not do: it cannot see a second signal, and the exit status would never be 0. Safe for any thread.
 */
final class StopSignals {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final AtomicInteger received = new AtomicInteger();

    /** Takes over both signals of this JVM, for good. */
    static StopSignals install() {
        StopSignals signals = new StopSignals();
        Signal.handle(new Signal("TERM"), signals::receive);
        Signal.handle(new Signal("INT"), signals::receive);
        return signals;
    }

    private void receive(Signal signal) {
        if (received.incrementAndGet() > 1) {
            System.err.println("farpool: second signal, SIG" + signal.getName() + ": ended at once");
            Runtime.getRuntime().halt(128 + signal.getNumber());
        }
        asked.countDown();
    }

    /** Waits for the first signal. The one wait here without an end: a daemon runs until it is told to stop. */
    void await() throws InterruptedException {
        asked.await();
    }

    /** Waits at most so long; whether a signal has come. */
    boolean await(Duration timeout) throws InterruptedException {
        return asked.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }
}

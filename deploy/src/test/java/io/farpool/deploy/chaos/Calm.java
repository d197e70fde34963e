package io.farpool.deploy.chaos;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The end of all faults: what is broken is mended at once, and nothing is broken any more. Thread-safe. */
final class Calm {
    private final CountDownLatch come = new CountDownLatch(1);

    void comes() {
        come.countDown();
    }

    boolean hasCome() {
        return come.getCount() == 0;
    }

    /** Waits for so long, or until it comes. */
    void await(long millis) throws InterruptedException {
        boolean ignored = come.await(millis, TimeUnit.MILLISECONDS);
    }
}

package io.farpool.session;

import io.farpool.proto.v1.LogLine;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lines that come just as the thread that hands them out is about to end, many times. */
@Timeout(120)
class LogDeliveryStressTest {
    private static final int LINES = 20_000 * Integer.getInteger("farpool.interleavings.factor", 1);

    @Test
    void aLineThatComesWhileTheThreadIsAboutToEndIsTakenToo() {
        List<LogLine> line = List.of(LogLine.newBuilder().setText("line").build());
        AtomicInteger taken = new AtomicInteger();
        LogDelivery delivery = new LogDelivery(one -> taken.incrementAndGet());
        for (int i = 0; i < LINES; i++) {
            delivery.deliver(line);
            long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            // Not parked: whoever is woken comes too late to meet the thread on its way out.
            while (taken.get() <= i) {
                if (System.nanoTime() - deadlineNanos > 0) {
                    throw new AssertionError("line " + i + " is not taken");
                }
            }
            for (int pause = 0; pause < i % 128; pause++) {
                Thread.onSpinWait();
            }
        }
    }
}

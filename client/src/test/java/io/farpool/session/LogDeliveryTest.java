package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.contract.Await;
import io.farpool.proto.v1.LogLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogDeliveryTest {
    private static final long LONG_MILLIS = Await.LONG.toMillis();

    private final Queue<String> taken = new ConcurrentLinkedQueue<>();
    private final CountDownLatch gate = new CountDownLatch(1);

    @Test
    void whatIsDroppedIsCountedInItsPlace() throws InterruptedException {
        LogDelivery delivery = new LogDelivery(line -> taken.add(line.text()));
        delivery.deliver(
                List.of(line("one"), line("two").toBuilder().setDroppedBefore(7).build()));
        delivery.awaitDrained(LONG_MILLIS, LONG_MILLIS);
        assertThat(taken).containsExactly("one", "(7 lines dropped)", "two");
    }

    @Test
    void pastTheBoundTheOldestAreDropped() throws InterruptedException {
        LogDelivery delivery = newHeldUpDelivery();
        List<LogLine> lines = new ArrayList<>();
        lines.add(line("dropped").toBuilder().setDroppedBefore(5).build());
        lines.add(line("dropped"));
        IntStream.range(0, LogDelivery.MAX_WAITING_LINES).forEach(i -> lines.add(line("" + i)));
        delivery.deliver(lines);
        gate.countDown();
        delivery.awaitDrained(LONG_MILLIS, LONG_MILLIS);
        assertThat(taken)
                .startsWith("first", "(7 lines dropped)", "0", "1")
                .endsWith("" + (LogDelivery.MAX_WAITING_LINES - 1))
                .hasSize(LogDelivery.MAX_WAITING_LINES + 2);
    }

    @Test
    void whatWaitsIsBoundedInBytesToo() throws InterruptedException {
        LogDelivery delivery = newHeldUpDelivery();
        LogLine large = line("x".repeat(1 << 20));
        int fits = (int) (LogDelivery.MAX_WAITING_BYTES / large.getSerializedSize());
        for (int i = 0; i < fits + 3; i++) {
            delivery.deliver(List.of(large));
        }
        gate.countDown();
        delivery.awaitDrained(LONG_MILLIS, LONG_MILLIS);
        assertThat(taken).startsWith("first", "(3 lines dropped)").hasSize(fits + 2);
    }

    @Test
    void aConsumerThatIsStuckIsNotWaitedForAndLaterGetsTheRest() throws InterruptedException {
        LogDelivery delivery = newHeldUpDelivery();
        delivery.deliver(List.of(line("second")));
        delivery.awaitDrained(LONG_MILLIS, 10);
        assertThat(taken).isEmpty();
        gate.countDown();
        delivery.awaitDrained(LONG_MILLIS, LONG_MILLIS);
        assertThat(taken).containsExactly("first", "second");
    }

    /** Its consumer has been given a line, "first", and waits in it for the gate. */
    private LogDelivery newHeldUpDelivery() throws InterruptedException {
        CountDownLatch inIt = new CountDownLatch(1);
        LogDelivery delivery = new LogDelivery(line -> {
            inIt.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            taken.add(line.text());
        });
        delivery.deliver(List.of(line("first")));
        inIt.await();
        return delivery;
    }

    private static LogLine line(String text) {
        return LogLine.newBuilder().setHost("here").setPid(1).setText(text).build();
    }
}

package io.farpool.session;

import static io.farpool.interleaving.Interleavings.require;

import io.farpool.interleaving.Interleavings;
import io.farpool.proto.v1.LogLine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every interleaving, up to a bound, of lines that arrive and lines that are taken. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LogDeliveryLincheckTest {
    @Test
    void everyLineIsTakenOnceAndInOrder() {
        Interleavings.explore(10, () -> {
            List<String> taken = new ArrayList<>(); // by one thread at a time
            CountDownLatch all = new CountDownLatch(4);
            LogDelivery delivery = new LogDelivery(line -> {
                taken.add(line.text());
                all.countDown();
            });
            Interleavings.together(
                    () -> {
                        delivery.deliver(lines("a1", "a2"));
                        delivery.deliver(lines("a3"));
                    },
                    () -> delivery.deliver(lines("b1")));
            try {
                all.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            require(taken.size() == 4 && taken.contains("b1"), taken);
            require(taken.indexOf("a1") < taken.indexOf("a2") && taken.indexOf("a2") < taken.indexOf("a3"), taken);
        });
    }

    private static List<LogLine> lines(String... texts) {
        List<LogLine> lines = new ArrayList<>();
        for (String text : texts) {
            lines.add(LogLine.newBuilder().setText(text).build());
        }
        return lines;
    }
}

package io.farpool.session;

import static io.farpool.interleaving.Interleavings.require;

import io.farpool.interleaving.Interleavings;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every interleaving, up to a bound, of holding and releasing, and of the thread that comes and goes with it. Its looks take
 * no time here, so it also gets to where it has to be woken.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeepAliveLincheckTest {
    private static final Field KEEPER = keeperField();

    private static Field keeperField() {
        try {
            Field field = KeepAlive.class.getDeclaredField("keeper");
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static @Nullable Thread keeperOf(KeepAlive keepAlive) {
        synchronized (keepAlive) {
            try {
                return (Thread) KEEPER.get(keepAlive);
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void aThreadIsThereWhileAnythingIsHeldAndEndsThen() {
        Interleavings.explore(20, () -> {
            KeepAlive keepAlive = new KeepAlive("keeping-alive");
            Thread[] keepers = new Thread[2];
            Interleavings.together(
                    () -> {
                        keepAlive.hold();
                        keepAlive.release();
                        keepAlive.hold();
                        keepers[0] = keeperOf(keepAlive);
                    },
                    () -> {
                        keepAlive.hold();
                        keepers[1] = keeperOf(keepAlive);
                        keepAlive.release();
                    });
            require(keepers[0] != null && keepers[1] != null, "held, and no thread");
            require(keeperOf(keepAlive) == keepers[0] && keepers[0].isAlive(), "the thread is gone");
            keepAlive.release();
            Interleavings.join(keepers[0]);
        });
    }
}

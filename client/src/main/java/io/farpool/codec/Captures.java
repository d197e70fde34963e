package io.farpool.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What noted itself while a graph was encoded: objects that travel as a mere reference, so that whoever sends the bytes has to
 * see to it that the other end can have what is referred to. Such an object notes itself in its {@code writeReplace}.
 *
 * <p>Confined to the thread that encodes.
 */
public final class Captures {
    private static final ThreadLocal<@Nullable Captures> CURRENT = new ThreadLocal<>();

    private @Nullable List<Object> noted;

    /**
     * Encodes something, and gathers here what notes itself meanwhile.
     *
     * @param encoding the work
     * @param <T> what it gives
     * @return what it gives
     */
    public <T> T during(Supplier<T> encoding) {
        Captures outer = CURRENT.get();
        CURRENT.set(this);
        try {
            return encoding.get();
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }

    /**
     * Notes an object, if anybody gathers in this thread.
     *
     * @param captured the object
     * @return whether it is noted now and was not before
     */
    public static boolean note(Object captured) {
        Captures current = CURRENT.get();
        if (current == null) {
            return false;
        }
        List<Object> soFar = current.noted;
        if (soFar == null) {
            soFar = new ArrayList<>(1);
            current.noted = soFar;
        }
        for (Object before : soFar) {
            if (before == captured) {
                return false;
            }
        }
        return soFar.add(captured);
    }

    /**
     * What has noted itself.
     *
     * @return each once, in the order of its first note
     */
    public List<Object> noted() {
        List<Object> soFar = noted;
        return soFar == null ? List.of() : soFar;
    }

    /** The same work for another thread, which this one waits for: what notes itself there counts here. */
    static <T> Supplier<T> carried(Supplier<T> work) {
        Captures current = CURRENT.get();
        return current == null ? work : () -> current.during(work);
    }
}

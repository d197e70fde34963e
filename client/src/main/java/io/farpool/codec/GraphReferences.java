package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.util.MapReferenceResolver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the identity of objects within one graph, and watches how deep it is.
 *
 * <p>Some objects exist only once all they are made of has been read: lambdas, records, what a class's own {@code readResolve}
 * returns. When one of their parts refers back to them (a lambda that captures {@code this}, whose field holds that very
 * lambda), there is nothing yet to refer to. Kryo would hand out null in silence. Here the reader is told, by {@link
 * #takePending}, and can have the reference filled in when the object is there ({@link #whenBuilt}); where the reader cannot wait,
 * decoding fails with a message. Confined to the thread that holds the {@link Coder}.
 */
final class GraphReferences extends MapReferenceResolver {
    /** Stands for an object whose own hooks replaced it by null. */
    static final Object NOTHING = new Object();

    private static final int NONE = -1;

    private int depthLimit = Integer.MAX_VALUE;
    private int pending = NONE;
    private @Nullable Map<Integer, List<Consumer<Object>>> waiting;

    static GraphReferences of(Kryo kryo) {
        return (GraphReferences) kryo.getReferenceResolver();
    }

    void limitDepth(int limit) {
        depthLimit = limit;
    }

    /** Reads the next object. On null, {@link #takePending} tells whether null was written or the object is not there yet. */
    @Nullable
    Object read(Kryo kryo, Input input) {
        failOnUnclaimed();
        return kryo.readClassAndObject(input);
    }

    /** Reads the next object, of a class that the reader knows. */
    @Nullable
    Object read(Kryo kryo, Input input, Class<?> type) {
        failOnUnclaimed();
        return kryo.readObjectOrNull(input, type);
    }

    /** Reads the next object where there is no way to fill it in later. */
    @Nullable
    Object readNow(Kryo kryo, Input input, Class<?> reader) {
        Object value = read(kryo, input);
        if (value == null && takePending() != NONE) {
            throw new KryoException("a cycle that cannot be rebuilt: a part of " + reader.getName()
                    + " needs an object that" + " itself has to be rebuilt first");
        }
        return value;
    }

    /** The id of the object the last read should have returned, but that is still being built; negative when there is none. */
    int takePending() {
        int id = pending;
        pending = NONE;
        return id;
    }

    void whenBuilt(int id, Consumer<Object> use) {
        if (waiting == null) {
            waiting = new HashMap<>();
        }
        waiting.computeIfAbsent(id, key -> new ArrayList<>(1)).add(use);
    }

    /** Called when a graph has been read: every reference must have found its object. */
    void finish() {
        failOnUnclaimed();
        if (waiting != null && !waiting.isEmpty()) {
            throw new KryoException("a cycle that cannot be rebuilt: " + waiting.size() + " objects never came to be");
        }
    }

    @Override
    public int getWrittenId(Object object) {
        checkDepth();
        return super.getWrittenId(object);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public int nextReadId(Class type) {
        checkDepth();
        return super.nextReadId(type);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object getReadObject(Class type, int id) {
        if (id < 0 || id >= readObjects.size()) {
            throw new KryoException(
                    "reference to object " + id + ", but only " + readObjects.size() + " have been read");
        }
        Object object = readObjects.get(id);
        if (object == null) {
            failOnUnclaimed();
            pending = id;
        }
        return object == NOTHING ? null : object;
    }

    @Override
    public void setReadObject(int id, Object object) {
        super.setReadObject(id, object);
        List<Consumer<Object>> uses = waiting == null ? null : waiting.remove(id);
        if (uses != null) {
            uses.forEach(use -> use.accept(object));
        }
    }

    @Override
    public void reset() {
        super.reset();
        pending = NONE;
        waiting = null;
    }

    private void failOnUnclaimed() {
        if (pending != NONE) {
            throw new KryoException(
                    "a cycle that cannot be rebuilt: object " + pending + " is needed before it is there");
        }
    }

    private void checkDepth() {
        if (kryo.getDepth() > depthLimit) {
            throw new TooDeepException(depthLimit);
        }
    }
}

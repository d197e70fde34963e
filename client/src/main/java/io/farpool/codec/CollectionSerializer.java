package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's plain collections: their elements in order, a comparator if they have one. Immutable, so thread-safe. Never asked
 * for subclasses, which may hold more.
 */
final class CollectionSerializer extends Serializer<Collection<Object>> implements Parts {
    private final Maker maker;
    private final boolean sorted;

    private CollectionSerializer(Maker maker, boolean sorted) {
        this.maker = maker;
        this.sorted = sorted;
    }

    /** For collections without an order of their own; the maker is told the size. */
    static CollectionSerializer plain(java.util.function.IntFunction<? extends Collection<Object>> maker) {
        return new CollectionSerializer((size, comparator) -> maker.apply(size), false);
    }

    /** For collections that may have a comparator. */
    static CollectionSerializer sorted(Maker maker) {
        return new CollectionSerializer(maker, true);
    }

    @Override
    public void write(Kryo kryo, Output output, Collection<Object> collection) {
        // One consistent look, even at a collection that other threads are changing.
        Object[] elements = collection.toArray();
        if (sorted) {
            kryo.writeClassAndObject(output, comparator(collection));
        }
        output.writeVarInt(elements.length, true);
        for (Object element : elements) {
            kryo.writeClassAndObject(output, element);
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public Collection<Object> read(Kryo kryo, Input input, Class<? extends Collection<Object>> ignored) {
        GraphReferences references = GraphReferences.of(kryo);
        Comparator<Object> comparator =
                sorted ? (Comparator<Object>) references.readNow(kryo, input, Comparator.class) : null;
        int size = CheckedInput.readLength(input);
        Collection<Object> collection = maker.make(size, comparator);
        kryo.reference(collection);
        for (int i = 0; i < size; i++) {
            Object element = references.read(kryo, input);
            int pending = element == null ? references.takePending() : -1;
            if (pending < 0) {
                collection.add(element);
            } else if (collection instanceof List<Object> list) {
                int index = i;
                list.add(null);
                references.whenBuilt(pending, built -> list.set(index, built));
            } else if (collection instanceof Set) {
                references.whenBuilt(pending, collection::add);
            } else {
                throw new KryoException("a cycle that cannot be rebuilt: element " + i + " of a "
                        + collection.getClass().getName() + " is needed before it is there");
            }
        }
        return collection;
    }

    @Override
    public void parts(Object whole, Visitor visitor) {
        Collection<?> collection = (Collection<?>) whole;
        if (sorted) {
            visitor.part(".comparator()", comparator(collection));
        }
        int i = 0;
        for (Object element : collection) {
            visitor.part("[" + i++ + "]", element);
        }
    }

    private static @Nullable Object comparator(Collection<?> collection) {
        if (collection instanceof SortedSet<?> set) {
            return set.comparator();
        }
        return collection instanceof PriorityQueue<?> queue ? queue.comparator() : null;
    }

    /** Makes an empty collection. */
    interface Maker {
        Collection<Object> make(int size, @Nullable Comparator<Object> comparator);
    }
}

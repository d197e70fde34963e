package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's plain maps: their entries in order, a comparator if they have one. Immutable, so thread-safe. Never asked for
 * subclasses, which may hold more.
 */
final class MapSerializer extends Serializer<Map<Object, Object>> implements Parts {
    private final Kind kind;
    private final Maker maker;

    private MapSerializer(Kind kind, Maker maker) {
        this.kind = kind;
        this.maker = maker;
    }

    /** For maps without an order of their own; the maker is told a capacity that holds all entries. */
    static MapSerializer plain(IntFunction<? extends Map<Object, Object>> maker) {
        return new MapSerializer(Kind.PLAIN, (capacity, comparator, accessOrder) -> maker.apply(capacity));
    }

    /** For maps that may have a comparator. */
    static MapSerializer sorted(
            java.util.function.Function<@Nullable Comparator<Object>, ? extends Map<Object, Object>> maker) {
        return new MapSerializer(Kind.SORTED, (capacity, comparator, accessOrder) -> maker.apply(comparator));
    }

    /** For LinkedHashMap, in order of insertion or of access. */
    static MapSerializer linked() {
        return new MapSerializer(
                Kind.LINKED, (capacity, comparator, accessOrder) -> new LinkedHashMap<>(capacity, 0.75f, accessOrder));
    }

    @Override
    public void write(Kryo kryo, Output output, Map<Object, Object> map) {
        List<@Nullable Object> flat = new ArrayList<>(2 * map.size());
        map.forEach((key, value) -> {
            flat.add(key);
            flat.add(value);
        });
        switch (kind) {
            case PLAIN -> {}
            case SORTED -> kryo.writeClassAndObject(output, comparator(map));
            case LINKED -> output.writeBoolean(AccessOrder.of((LinkedHashMap<?, ?>) map));
        }
        output.writeVarInt(flat.size() / 2, true);
        for (Object keyOrValue : flat) {
            kryo.writeClassAndObject(output, keyOrValue);
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public Map<Object, Object> read(Kryo kryo, Input input, Class<? extends Map<Object, Object>> ignored) {
        GraphReferences references = GraphReferences.of(kryo);
        Comparator<Object> comparator =
                kind == Kind.SORTED ? (Comparator<Object>) references.readNow(kryo, input, Comparator.class) : null;
        boolean accessOrder = kind == Kind.LINKED && input.readBoolean();
        int size = CheckedInput.readLength(input);
        Map<Object, Object> map = maker.make(size + size / 3 + 1, comparator, accessOrder);
        kryo.reference(map);
        for (int i = 0; i < size; i++) {
            Object key = references.read(kryo, input);
            if (key == null && references.takePending() >= 0) {
                throw new KryoException("a cycle that cannot be rebuilt: a key of a "
                        + map.getClass().getName() + " is needed before it is there");
            }
            Object value = references.read(kryo, input);
            int pending = value == null ? references.takePending() : -1;
            if (pending >= 0) {
                references.whenBuilt(pending, built -> map.put(key, built));
                if (map instanceof ConcurrentMap) {
                    continue; // Takes no null to keep the place.
                }
            }
            map.put(key, value);
        }
        return map;
    }

    @Override
    public void parts(Object whole, Visitor visitor) {
        Map<?, ?> map = (Map<?, ?>) whole;
        if (kind == Kind.SORTED) {
            visitor.part(".comparator()", comparator(map));
        }
        map.forEach((key, value) -> {
            visitor.part(".keySet()[" + name(key) + "]", key);
            visitor.part("[" + name(key) + "]", value);
        });
    }

    /** How a key is written in a path: only what is short and has a meaning to the reader. */
    static String name(@Nullable Object key) {
        if (key instanceof String text) {
            return '"' + (text.length() <= 40 ? text : text.substring(0, 37) + "...") + '"';
        }
        if (key == null || key instanceof Number || key instanceof Enum || key instanceof Boolean) {
            return String.valueOf(key);
        }
        return ObjectPath.label(key.getClass());
    }

    private static @Nullable Object comparator(Map<?, ?> map) {
        return map instanceof SortedMap<?, ?> sorted ? sorted.comparator() : null;
    }

    private enum Kind {
        PLAIN,
        SORTED,
        LINKED
    }

    private interface Maker {
        Map<Object, Object> make(int capacity, @Nullable Comparator<Object> comparator, boolean accessOrder);
    }
}

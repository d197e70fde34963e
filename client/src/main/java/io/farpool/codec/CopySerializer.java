package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Immutable containers, which are made all at once from what they hold: List.of and its kin, Optional, Map.entry. Immutable, so
 * thread-safe.
 *
 * @param <T> the container's type
 */
final class CopySerializer<T> extends Serializer<T> implements Parts {
    private final Function<T, Object[]> takeApart;
    private final Function<Object[], T> make;

    private CopySerializer(Function<T, Object[]> takeApart, Function<Object[], T> make) {
        this.takeApart = takeApart;
        this.make = make;
    }

    static CopySerializer<List<?>> immutableList() {
        return new CopySerializer<>(Collection::toArray, CopySerializer::listOf);
    }

    static CopySerializer<Set<?>> immutableSet() {
        return new CopySerializer<>(Collection::toArray, Set::of);
    }

    static CopySerializer<Map<?, ?>> immutableMap() {
        return new CopySerializer<>(
                map -> map.entrySet().stream()
                        .flatMap(entry -> java.util.stream.Stream.of(entry.getKey(), entry.getValue()))
                        .toArray(),
                CopySerializer::mapOf);
    }

    static CopySerializer<Optional<?>> optional() {
        return new CopySerializer<>(
                optional -> optional.isEmpty() ? new Object[0] : new Object[] {optional.get()},
                values -> values.length == 0 ? Optional.empty() : Optional.of(values[0]));
    }

    @Override
    public void write(Kryo kryo, Output output, T container) {
        Object[] values = takeApart.apply(container);
        output.writeVarInt(values.length, true);
        for (Object value : values) {
            kryo.writeClassAndObject(output, value);
        }
    }

    @Override
    public T read(Kryo kryo, Input input, Class<? extends T> type) {
        GraphReferences references = GraphReferences.of(kryo);
        @Nullable Object[] values = new Object[CheckedInput.readLength(input)];
        for (int i = 0; i < values.length; i++) {
            values[i] = references.readNow(kryo, input, type);
        }
        return make.apply(values);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void parts(Object whole, Visitor visitor) {
        Object[] values = takeApart.apply((T) whole);
        for (int i = 0; i < values.length; i++) {
            if (whole instanceof Map) {
                String key = MapSerializer.name(values[i - i % 2]);
                visitor.part((i % 2 == 0 ? ".keySet()[" : "[") + key + "]", values[i]);
            } else {
                visitor.part(whole instanceof Optional ? ".get()" : "[" + i + "]", values[i]);
            }
        }
    }

    private static List<?> listOf(Object[] values) {
        for (Object value : values) {
            if (value == null) {
                // What Stream.toList gives: immutable, but with nulls.
                return Arrays.stream(values).toList();
            }
        }
        return List.of(values);
    }

    private static Map<?, ?> mapOf(Object[] keysAndValues) {
        Map.Entry<?, ?>[] entries = new Map.Entry<?, ?>[keysAndValues.length / 2];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = Map.entry(keysAndValues[2 * i], keysAndValues[2 * i + 1]);
        }
        return Map.ofEntries(entries);
    }
}

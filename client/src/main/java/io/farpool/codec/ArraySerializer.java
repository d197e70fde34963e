package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.lang.reflect.Array;
import java.lang.reflect.Modifier;

/** Arrays of objects, of any dimension. Immutable, so thread-safe. */
final class ArraySerializer extends Serializer<Object[]> implements Parts {
    private final Class<?> componentType;
    private final boolean exact;

    ArraySerializer(Class<?> componentType) {
        this.componentType = componentType;
        Class<?> element = componentType;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        this.exact = Modifier.isFinal(element.getModifiers());
    }

    @Override
    public void write(Kryo kryo, Output output, Object[] array) {
        output.writeVarInt(array.length, true);
        for (Object element : array) {
            if (exact) {
                kryo.writeObjectOrNull(output, element, componentType);
            } else {
                kryo.writeClassAndObject(output, element);
            }
        }
    }

    @Override
    public Object[] read(Kryo kryo, Input input, Class<? extends Object[]> ignored) {
        Object[] array = (Object[]) Array.newInstance(componentType, CheckedInput.readLength(input));
        kryo.reference(array);
        GraphReferences references = GraphReferences.of(kryo);
        for (int i = 0; i < array.length; i++) {
            array[i] = exact ? references.read(kryo, input, componentType) : references.read(kryo, input);
            int pending = array[i] == null ? references.takePending() : -1;
            if (pending >= 0) {
                int index = i;
                references.whenBuilt(pending, built -> array[index] = built);
            }
        }
        return array;
    }

    @Override
    public void parts(Object whole, Visitor visitor) {
        Object[] array = (Object[]) whole;
        for (int i = 0; i < array.length; i++) {
            visitor.part("[" + i + "]", array[i]);
        }
    }
}

package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;

/** Records: their components as stored, and on the way back the canonical constructor. Immutable, so thread-safe. */
final class RecordSerializer extends Serializer<Object> implements Parts {
    private final Class<?> type;
    private final FieldsSerializer.FieldAccess[] components;
    private final Constructor<?> constructor;

    private RecordSerializer(Class<?> type, FieldsSerializer.FieldAccess[] components, Constructor<?> constructor) {
        this.type = type;
        this.components = components;
        this.constructor = constructor;
    }

    /** A serializer for the record class, or why there cannot be one. */
    static Serializer<?> of(Class<?> type) {
        RecordComponent[] declared = type.getRecordComponents();
        FieldsSerializer.FieldAccess[] components = new FieldsSerializer.FieldAccess[declared.length];
        Class<?>[] types = new Class<?>[declared.length];
        boolean open = !ClosedPackages.contains(type);
        try {
            for (int i = 0; i < declared.length; i++) {
                Field field = type.getDeclaredField(declared[i].getName());
                open = open && field.trySetAccessible();
                components[i] = new FieldsSerializer.FieldAccess(field);
                types[i] = declared[i].getType();
            }
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            if (open && constructor.trySetAccessible()) {
                return new RecordSerializer(type, components, constructor);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName() + " is not a well-formed record", e);
        }
        return new RefusingSerializer(type, ClosedPackages.refusal(type));
    }

    @Override
    public void write(Kryo kryo, Output output, Object object) {
        for (FieldsSerializer.FieldAccess component : components) {
            component.write(kryo, output, object);
        }
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
        GraphReferences references = GraphReferences.of(kryo);
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = components[i].readValue(kryo, references, input);
            if (values[i] == null && references.takePending() >= 0) {
                throw new KryoException("a cycle that cannot be rebuilt: component " + components[i].name()
                        + " of record " + type.getName() + " is needed before it is there");
            }
        }
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new KryoException(
                    "the constructor of record " + type.getName() + " threw " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new KryoException("cannot make an instance of record " + type.getName(), e);
        }
    }

    @Override
    public void parts(Object whole, Visitor visitor) {
        for (FieldsSerializer.FieldAccess component : components) {
            visitor.part("." + component.name(), component.get(whole));
        }
    }
}

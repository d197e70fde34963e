package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objects of users' classes, by their fields: all of them from the top superclass down, final, synthetic (an inner class's
 * outer object) and private ones too, transient and static ones not. As in Java serialization, no constructor of the class runs.
 *
 * <p>Kryo's own FieldSerializer leaves out synthetic fields, runs constructors, and reaches fields through sun.misc.Unsafe,
 * which later JDKs warn of. Immutable, so one instance serves all threads.
 */
final class FieldsSerializer extends Serializer<Object> implements Parts {
    private final Class<?> type;
    private final FieldAccess[] fields;
    private final Constructor<?> constructor;

    private FieldsSerializer(Class<?> type, FieldAccess[] fields, Constructor<?> constructor) {
        this.type = type;
        this.fields = fields;
        this.constructor = constructor;
    }

    /** A serializer for the class, or why there cannot be one. */
    static Serializer<?> of(Class<?> type) {
        List<FieldAccess> fields = new ArrayList<>();
        for (Class<?> level = type; level != null && level != Object.class; level = level.getSuperclass()) {
            if (Platform.owns(level)) {
                if (Platform.hasState(level)) {
                    return new RefusingSerializer(
                            type,
                            "it extends " + level.getName() + ", whose state cannot be reached."
                                    + " Ship what it is made from, and make it inside the task");
                }
                continue;
            }
            Field[] declared = level.getDeclaredFields();
            // The JVM promises no order; both ends must agree on one.
            Arrays.sort(declared, Comparator.comparing(Field::getName));
            List<FieldAccess> ofLevel = new ArrayList<>();
            for (Field field : declared) {
                if (Modifier.isStatic(field.getModifiers()) || Modifier.isTransient(field.getModifiers())) {
                    continue;
                }
                if (ClosedPackages.contains(level) || !field.trySetAccessible()) {
                    return new RefusingSerializer(type, ClosedPackages.refusal(level));
                }
                ofLevel.add(new FieldAccess(field));
            }
            fields.addAll(0, ofLevel);
        }
        Constructor<?> constructor = SerialHooks.constructor(type);
        if (constructor == null || Modifier.isAbstract(type.getModifiers())) {
            return new RefusingSerializer(
                    type, "no instance of it can be made. Ship what it is made from, and make it inside the task");
        }
        return new FieldsSerializer(type, fields.toArray(FieldAccess[]::new), constructor);
    }

    @Override
    public void write(Kryo kryo, Output output, Object object) {
        for (FieldAccess field : fields) {
            field.write(kryo, output, object);
        }
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
        Object object = newInstance();
        kryo.reference(object);
        GraphReferences references = GraphReferences.of(kryo);
        for (FieldAccess field : fields) {
            field.read(kryo, references, input, object);
        }
        return object;
    }

    private Object newInstance() {
        try {
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new KryoException("cannot make an instance of " + type.getName(), e);
        }
    }

    @Override
    public void parts(Object whole, Visitor visitor) {
        for (FieldAccess field : fields) {
            visitor.part("." + field.name(), field.get(whole));
        }
    }

    /** One field, and how its values are written: primitives plainly, values of final classes without their class. */
    static final class FieldAccess {
        private final Field field;
        private final Class<?> type;
        private final Kind kind;

        FieldAccess(Field field) {
            this.field = field;
            this.type = field.getType();
            this.kind = Kind.of(type);
        }

        String name() {
            return field.getName();
        }

        @Nullable
        Object get(Object owner) {
            try {
                return field.get(owner);
            } catch (IllegalAccessException e) {
                throw unreachable(e);
            }
        }

        void write(Kryo kryo, Output output, Object owner) {
            try {
                switch (kind) {
                    case BOOLEAN -> output.writeBoolean(field.getBoolean(owner));
                    case BYTE -> output.writeByte(field.getByte(owner));
                    case SHORT -> output.writeShort(field.getShort(owner));
                    case CHAR -> output.writeChar(field.getChar(owner));
                    case INT -> output.writeVarInt(field.getInt(owner), false);
                    case LONG -> output.writeVarLong(field.getLong(owner), false);
                    case FLOAT -> output.writeFloat(field.getFloat(owner));
                    case DOUBLE -> output.writeDouble(field.getDouble(owner));
                    case EXACT -> kryo.writeObjectOrNull(output, field.get(owner), type);
                    case ANY -> kryo.writeClassAndObject(output, field.get(owner));
                }
            } catch (IllegalAccessException e) {
                throw unreachable(e);
            }
        }

        void read(Kryo kryo, GraphReferences references, Input input, Object owner) {
            try {
                switch (kind) {
                    case BOOLEAN -> field.setBoolean(owner, input.readBoolean());
                    case BYTE -> field.setByte(owner, input.readByte());
                    case SHORT -> field.setShort(owner, input.readShort());
                    case CHAR -> field.setChar(owner, input.readChar());
                    case INT -> field.setInt(owner, input.readVarInt(false));
                    case LONG -> field.setLong(owner, input.readVarLong(false));
                    case FLOAT -> field.setFloat(owner, input.readFloat());
                    case DOUBLE -> field.setDouble(owner, input.readDouble());
                    case EXACT, ANY -> {
                        Object value = readValue(kryo, references, input);
                        int pending = value == null ? references.takePending() : -1;
                        if (pending >= 0) {
                            references.whenBuilt(pending, built -> set(owner, built));
                        } else {
                            field.set(owner, value);
                        }
                    }
                }
            } catch (IllegalAccessException e) {
                throw unreachable(e);
            }
        }

        /** Reads what {@link #write} wrote, primitives boxed, without setting the field. */
        @Nullable
        Object readValue(Kryo kryo, GraphReferences references, Input input) {
            return switch (kind) {
                case BOOLEAN -> input.readBoolean();
                case BYTE -> input.readByte();
                case SHORT -> input.readShort();
                case CHAR -> input.readChar();
                case INT -> input.readVarInt(false);
                case LONG -> input.readVarLong(false);
                case FLOAT -> input.readFloat();
                case DOUBLE -> input.readDouble();
                case EXACT -> references.read(kryo, input, type);
                case ANY -> references.read(kryo, input);
            };
        }

        private void set(Object owner, Object value) {
            try {
                field.set(owner, value);
            } catch (IllegalAccessException e) {
                throw unreachable(e);
            }
        }

        private KryoException unreachable(IllegalAccessException e) {
            return new KryoException("cannot reach the field " + field, e);
        }
    }

    private enum Kind {
        BOOLEAN,
        BYTE,
        SHORT,
        CHAR,
        INT,
        LONG,
        FLOAT,
        DOUBLE,
        EXACT,
        ANY;

        static Kind of(Class<?> type) {
            if (type.isPrimitive()) {
                return type == boolean.class
                        ? BOOLEAN
                        : type == byte.class
                                ? BYTE
                                : type == short.class
                                        ? SHORT
                                        : type == char.class
                                                ? CHAR
                                                : type == int.class
                                                        ? INT
                                                        : type == long.class
                                                                ? LONG
                                                                : type == float.class ? FLOAT : DOUBLE;
            }
            Class<?> element = type;
            while (element.isArray()) {
                element = element.getComponentType();
            }
            return Modifier.isFinal(element.getModifiers()) ? EXACT : ANY;
        }
    }
}

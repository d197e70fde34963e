package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Objects that only Java serialization writes rightly: those with hooks of their own (writeObject, readObject, writeReplace,
 * readResolve, Externalizable), and those of JDK classes whose fields are out of reach.
 *
 * <pre>
 *   length, bytes        one small ObjectOutputStream: this object alone, with an {@link Outside} in place of each object it holds
 *   count, objects ...   what the Outsides stand for, written by Kryo
 * </pre>
 *
 * So every object of a graph is known to Kryo, whichever way it was written: identity survives across the border, cycles may
 * cross it, and what an object with hooks holds need not be Serializable. The objects are read at the moment the
 * ObjectInputStream comes upon the Outside; since that carries a reference to its owner, the owner is known by then and the objects may
 * refer back to it, exactly as within Java serialization. Immutable, so thread-safe.
 */
final class EmbeddedSerializer extends Serializer<Object> implements Parts {
    private final Class<?> type;
    private final boolean resolves;

    EmbeddedSerializer(Class<?> type) {
        this.type = type;
        this.resolves = SerialHooks.readResolve(type) != null;
    }

    @Override
    public void write(Kryo kryo, Output output, Object object) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        EmbeddedOutput embedded = embed(object, bytes);
        output.writeVarInt(bytes.size(), true);
        output.writeBytes(bytes.toByteArray());
        output.writeVarInt(embedded.outside().size(), true);
        for (Object outside : embedded.outside()) {
            kryo.writeClassAndObject(output, outside);
        }
    }

    @Override
    public @Nullable Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
        byte[] bytes = input.readBytes(CheckedInput.readLength(input));
        int outsideCount = CheckedInput.readLength(input);
        Object object;
        try (EmbeddedInput embedded = new EmbeddedInput(bytes, kryo, input, outsideCount, resolves ? null : type)) {
            object = embedded.readObject();
            embedded.readRemaining();
        } catch (IOException | ClassNotFoundException e) {
            throw new KryoException("cannot rebuild a " + type.getName() + ": " + e, e);
        }
        if (object == null) {
            // Kryo takes null for "not registered yet".
            kryo.reference(GraphReferences.NOTHING);
        }
        return object;
    }

    @Override
    public void parts(Object whole, Visitor visitor) {
        for (Object part : embed(whole, new ByteArrayOutputStream()).outside()) {
            visitor.part(step(whole, part), part);
        }
    }

    private static EmbeddedOutput embed(Object object, ByteArrayOutputStream bytes) {
        try (EmbeddedOutput embedded = new EmbeddedOutput(bytes)) {
            embedded.writeObject(object);
            return embedded;
        } catch (TooDeepException | RefusedException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new RefusedException(object, "its Java serialization failed with " + e, e);
        }
    }

    /** Guesses where a part was found: in a field, or by its index or key. */
    private static String step(Object whole, Object part) {
        for (Class<?> level = whole.getClass(); level != null; level = level.getSuperclass()) {
            for (Field field : level.getDeclaredFields()) {
                try {
                    if (!field.getType().isPrimitive() && field.trySetAccessible() && field.get(whole) == part) {
                        return "." + field.getName();
                    }
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(field + " was accessible just now", e);
                }
            }
        }
        if (whole instanceof Throwable throwable && throwable.getCause() == part) {
            return ".cause";
        }
        if (whole instanceof Collection<?> collection) {
            int i = 0;
            for (Object element : collection) {
                if (element == part) {
                    return "[" + i + "]";
                }
                i++;
            }
        }
        if (whole instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (entry.getValue() == part) {
                    return "[" + MapSerializer.name(entry.getKey()) + "]";
                }
            }
        }
        return whole instanceof Collection || whole instanceof Map
                ? ""
                : ".<" + ObjectPath.label(part.getClass()) + ">";
    }
}

package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * What Kotlin and Scala declare as an {@code object}: one in each JVM, in a static field. Programs tell it from others by its
 * identity, so its name travels and not its fields, as with an enum's constant. Immutable, so thread-safe.
 */
final class SingletonSerializer extends Serializer<Object> {
    private static final String KOTLINS_MARK = "kotlin.Metadata";

    private final Field field;

    private SingletonSerializer(Field field) {
        super(false, true);
        this.field = field;
    }

    /** Null if the class is none of these. */
    static @Nullable SingletonSerializer of(Class<?> type) {
        Field field = null;
        if (type.getName().endsWith("$")) {
            field = constant(type, type, "MODULE$");
        } else if (isKotlins(type)) {
            field = constant(type, type, "INSTANCE");
            if (field == null && type.getDeclaringClass() != null) {
                field = constant(type.getDeclaringClass(), type, type.getSimpleName()); // a companion
            }
        }
        return field != null && field.trySetAccessible() ? new SingletonSerializer(field) : null;
    }

    private static @Nullable Field constant(Class<?> owner, Class<?> type, String name) {
        int staticFinal = Modifier.STATIC | Modifier.FINAL;
        try {
            Field field = owner.getDeclaredField(name);
            boolean fits = field.getType() == type && (field.getModifiers() & staticFinal) == staticFinal;
            return fits && onlyItMakesItself(type) ? field : null;
        } catch (NoSuchFieldException e) {
            return null;
        }
    }

    /** A companion has a second constructor, for its outer class, which only compilers can name. */
    private static boolean onlyItMakesItself(Class<?> type) {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (!Modifier.isPrivate(constructor.getModifiers()) && !constructor.isSynthetic()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isKotlins(Class<?> type) {
        for (Annotation annotation : type.getDeclaredAnnotations()) {
            if (annotation.annotationType().getName().equals(KOTLINS_MARK)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void write(Kryo kryo, Output output, Object object) {}

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> type) {
        try {
            Object object = field.get(null);
            if (object == null) {
                throw new KryoException(field + " is null here: its class is being initialized");
            }
            return object;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " was made accessible", e);
        }
    }
}

package io.farpool.codec;

import java.io.Externalizable;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * What a class says about its own Java serialization, through {@code sun.reflect.ReflectionFactory}: the door the JDK keeps
 * open for serialization libraries (module jdk.unsupported), which needs no {@code --add-opens}.
 */
final class SerialHooks {
    private static final Factory FACTORY = Factory.find();

    private SerialHooks() {}

    /** The class's {@code writeReplace}, its own or inherited, as (Object)Object; null if it has none. */
    static @Nullable MethodHandle writeReplace(Class<?> type) {
        return FACTORY.handle(FACTORY.writeReplace, type);
    }

    /** The class's {@code readResolve}, its own or inherited, as (Object)Object; null if it has none. */
    static @Nullable MethodHandle readResolve(Class<?> type) {
        return FACTORY.handle(FACTORY.readResolve, type);
    }

    /**
     * Whether Java serialization would do more for this class than copy the fields that reflection reaches too: a hook
     * somewhere in its hierarchy, or a superclass of the JDK with state of its own.
     */
    static boolean needed(Class<?> type) {
        if (!Serializable.class.isAssignableFrom(type)) {
            return false;
        }
        if (Externalizable.class.isAssignableFrom(type) || writeReplace(type) != null || readResolve(type) != null) {
            return true;
        }
        if (type.isRecord()) {
            return false;
        }
        for (Class<?> level = type; level != null && level != Object.class; level = level.getSuperclass()) {
            boolean serializable = Serializable.class.isAssignableFrom(level);
            if (serializable && (hasStreamHooks(level) || declaresPersistentFields(level))) {
                return true;
            }
            if (Platform.owns(level)) {
                ObjectStreamClass descriptor = ObjectStreamClass.lookupAny(level);
                if (serializable ? descriptor.getFields().length > 0 : Platform.hasState(level)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * What makes an object without running the constructors of its class: Java serialization's rule for serializable classes
     * (the first superclass that is not serializable has its no-argument constructor run), and for others the constructor of
     * the first superclass that belongs to the JDK.
     *
     * @return null if there is none
     */
    static @Nullable Constructor<?> constructor(Class<?> type) {
        try {
            Constructor<?> javasOwn = Serializable.class.isAssignableFrom(type)
                    ? (Constructor<?>) FACTORY.serializableConstructor.invoke(type)
                    : null;
            if (javasOwn != null) {
                return javasOwn;
            }
            Class<?> platform = type;
            while (!Platform.owns(platform)) {
                platform = platform.getSuperclass();
            }
            Constructor<?> constructor = platform.getDeclaredConstructor();
            if (Modifier.isPrivate(constructor.getModifiers())) {
                return null;
            }
            return (Constructor<?>) FACTORY.constructor.invoke(type, constructor);
        } catch (NoSuchMethodException e) {
            return null;
        } catch (Throwable e) {
            throw new IllegalStateException("cannot make instances of " + type.getName(), e);
        }
    }

    private static boolean hasStreamHooks(Class<?> level) {
        return FACTORY.has(FACTORY.writeObject, level)
                || FACTORY.has(FACTORY.readObject, level)
                || FACTORY.has(FACTORY.readObjectNoData, level);
    }

    private static boolean declaresPersistentFields(Class<?> level) {
        try {
            Field field = level.getDeclaredField("serialPersistentFields");
            int wanted = Modifier.PRIVATE | Modifier.STATIC | Modifier.FINAL;
            return (field.getModifiers() & wanted) == wanted;
        } catch (NoSuchFieldException e) {
            return false;
        }
    }

    /** The methods of sun.reflect.ReflectionFactory; found by reflection, because javac warns of every direct use. */
    private record Factory(
            MethodHandle writeReplace,
            MethodHandle readResolve,
            MethodHandle writeObject,
            MethodHandle readObject,
            MethodHandle readObjectNoData,
            MethodHandle serializableConstructor,
            MethodHandle constructor) {

        private static final MethodType REPLACE = MethodType.methodType(Object.class, Object.class);

        static Factory find() {
            try {
                Class<?> type = Class.forName("sun.reflect.ReflectionFactory");
                MethodHandles.Lookup lookup = MethodHandles.publicLookup();
                Object factory = lookup.findStatic(type, "getReflectionFactory", MethodType.methodType(type))
                        .invoke();
                MethodType hook = MethodType.methodType(MethodHandle.class, Class.class);
                MethodType constructor = MethodType.methodType(Constructor.class, Class.class);
                return new Factory(
                        lookup.bind(factory, "writeReplaceForSerialization", hook),
                        lookup.bind(factory, "readResolveForSerialization", hook),
                        lookup.bind(factory, "writeObjectForSerialization", hook),
                        lookup.bind(factory, "readObjectForSerialization", hook),
                        lookup.bind(factory, "readObjectNoDataForSerialization", hook),
                        lookup.bind(factory, "newConstructorForSerialization", constructor),
                        lookup.bind(
                                factory,
                                "newConstructorForSerialization",
                                constructor.appendParameterTypes(Constructor.class)));
            } catch (Throwable e) {
                throw new IllegalStateException(
                        "Farpool needs the JDK's module jdk.unsupported (sun.reflect.ReflectionFactory). Write \"requires"
                                + " jdk.unsupported;\" into the program's module-info, or add --add-modules jdk.unsupported",
                        e);
            }
        }

        @Nullable
        MethodHandle handle(MethodHandle finder, Class<?> type) {
            try {
                MethodHandle hook = (MethodHandle) finder.invoke(type);
                return hook == null ? null : hook.asType(REPLACE);
            } catch (Throwable e) {
                throw new IllegalStateException("cannot look up the serialization hooks of " + type.getName(), e);
            }
        }

        boolean has(MethodHandle finder, Class<?> type) {
            try {
                return finder.invoke(type) != null;
            } catch (Throwable e) {
                throw new IllegalStateException("cannot look up the serialization hooks of " + type.getName(), e);
            }
        }
    }
}

package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.serializers.DefaultSerializers;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * Decides, once for each class, how its objects are written. In this order:
 *
 * <ol>
 *   <li>the JDK types of {@link JdkType}, and families of classes that one of them stands for ({@link #standIn}: lambdas,
 *       proxies, List.of, views such as subList, paths);
 *   <li>arrays, enums;
 *   <li>a class that has writeReplace: Java serialization, since it knows how to ship itself;
 *   <li>what {@link Refusals} lists;
 *   <li>other JDK classes: Java serialization if Serializable, else refused;
 *   <li>the objects of Kotlin and Scala, by name;
 *   <li>users' classes with Java serialization hooks, or a JDK superclass with state: Java serialization;
 *   <li>users' records by their components, all other classes of users by their fields, Serializable or not.
 * </ol>
 *
 * Both ends decide alike, because only the class counts, and what {@link ClosedPackages} says of its package. Thread-safe; the serializers are, too, and are shared by all Kryo
 * instances.
 */
final class SerializerChoice {
    private static final Class<?> IMMUTABLE_COLLECTIONS = List.of().getClass().getNestHost();

    private final ClassValue<Serializer<?>> chosen = new ClassValue<>() {
        @Override
        protected Serializer<?> computeValue(Class<?> type) {
            return choose(type);
        }
    };

    /** The serializer for objects of exactly this class. */
    Serializer<?> of(Class<?> type) {
        return chosen.get(type);
    }

    /** The class that stands for this one on the wire: the class itself, or one of the table's for a whole family. */
    Class<?> standIn(Class<?> type) {
        if (JdkType.of(type) != null) {
            return type;
        }
        if (Enum.class.isAssignableFrom(type) && !type.isEnum() && type != Enum.class) {
            return type.getSuperclass(); // A constant with a body.
        }
        if (Proxy.isProxyClass(type)) {
            return Proxy.class;
        }
        if (type.isHidden()) {
            return isSerializableLambda(type) ? SerializedLambda.class : type;
        }
        if (!Platform.owns(type)) {
            return type;
        }
        if (type.getNestHost() == IMMUTABLE_COLLECTIONS) {
            if (List.class.isAssignableFrom(type)) {
                return JdkType.ImmutableList.class;
            }
            if (Set.class.isAssignableFrom(type)) {
                return JdkType.ImmutableSet.class;
            }
            if (Map.class.isAssignableFrom(type)) {
                return JdkType.ImmutableMap.class;
            }
        }
        for (Class<?> family : List.of(Path.class, ByteBuffer.class, Charset.class, ZoneId.class)) {
            if (family.isAssignableFrom(type)) {
                return family;
            }
        }
        // Views: nobody can name their classes, so a copy serves wherever they stood.
        if (!Modifier.isPublic(type.getModifiers()) && !Serializable.class.isAssignableFrom(type)) {
            for (Class<?> family : List.of(
                    List.class,
                    SortedSet.class,
                    Set.class,
                    Collection.class,
                    SortedMap.class,
                    Map.class,
                    Map.Entry.class)) {
                if (family.isAssignableFrom(type)) {
                    return family;
                }
            }
        }
        return type;
    }

    private Serializer<?> choose(Class<?> original) {
        Class<?> type = standIn(original);
        JdkType known = JdkType.of(type);
        if (known != null) {
            return type == original ? known.serializer() : of(type);
        }
        if (type.isArray()) {
            return new ArraySerializer(type.getComponentType());
        }
        if (type.isEnum()) {
            return new DefaultSerializers.EnumSerializer(type.asSubclass(Enum.class));
        }
        boolean serializable = Serializable.class.isAssignableFrom(type);
        boolean platform = Platform.owns(type);
        if (serializable && !platform && !type.isHidden() && SerialHooks.writeReplace(type) != null) {
            return new EmbeddedSerializer(type);
        }
        String refusal = Refusals.why(type);
        if (refusal != null) {
            return new RefusingSerializer(type, refusal);
        }
        if (type.isHidden()) {
            return new RefusingSerializer(
                    type,
                    type.isSynthetic()
                            ? Refusals.lambda(type)
                            : "a hidden class exists only in the JVM that made it. Make the object inside the task");
        }
        if (platform) {
            return serializable
                    ? new EmbeddedSerializer(type)
                    : new RefusingSerializer(type, Refusals.notSerializable(type));
        }
        SingletonSerializer singleton = SingletonSerializer.of(type);
        if (singleton != null) {
            return singleton;
        }
        if (SerialHooks.needed(type)) {
            return new EmbeddedSerializer(type);
        }
        Serializer<?> byFields = type.isRecord() ? RecordSerializer.of(type) : FieldsSerializer.of(type);
        // What reflection cannot reach, in a package that is not open, Java serialization still can.
        return byFields instanceof RefusingSerializer && serializable ? new EmbeddedSerializer(type) : byFields;
    }

    private static boolean isSerializableLambda(Class<?> type) {
        return type.isSynthetic()
                && Serializable.class.isAssignableFrom(type)
                && SerialHooks.writeReplace(type) != null;
    }
}

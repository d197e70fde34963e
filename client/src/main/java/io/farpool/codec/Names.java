package io.farpool.codec;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Classes by name, those of primitive types too. */
final class Names {
    private static final Map<String, Class<?>> PRIMITIVES = Stream.<Class<?>>of(
                    void.class,
                    boolean.class,
                    byte.class,
                    short.class,
                    char.class,
                    int.class,
                    long.class,
                    float.class,
                    double.class)
            .collect(Collectors.toUnmodifiableMap(Class::getName, Function.identity()));

    private Names() {}

    static Class<?> load(String name, ClassLoader loader) throws ClassNotFoundException {
        Class<?> primitive = PRIMITIVES.get(name);
        try {
            return primitive != null ? primitive : Class.forName(name, false, loader);
        } catch (LinkageError e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}

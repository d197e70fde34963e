package io.farpool.codec;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/** Tells the JDK's classes, whose fields are out of reach, from everybody else's. */
final class Platform {
    private static final ClassLoader PLATFORM_LOADER = ClassLoader.getPlatformClassLoader();

    private Platform() {}

    static boolean owns(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        if (loader == null || loader == PLATFORM_LOADER) {
            return true;
        }
        return hasNameOfTheJdk(type.getModule());
    }

    static boolean owns(Module module) {
        ClassLoader loader = module.getClassLoader();
        return loader == null || loader == PLATFORM_LOADER || hasNameOfTheJdk(module);
    }

    private static boolean hasNameOfTheJdk(Module module) {
        String name = module.getName();
        return name != null && (name.startsWith("java.") || name.startsWith("jdk."));
    }

    /** Whether a class itself, superclasses aside, declares fields that make up its objects' state. */
    static boolean hasState(Class<?> type) {
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers())) {
                return true;
            }
        }
        return false;
    }
}

package io.farpool.snippet;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Classes that exist only in this JVM's memory: JShell's snippets, a script engine's. No file holds them, so no bundle does;
 * but their class loader gives their bytes as a resource, at an address that is no file's. What a task needs of them is what
 * its bytes name, and what those classes name in turn.
 *
 * <p>Thread-safe.
 */
public final class MemoryClasses {
    private static final Set<String> PROTOCOLS_OF_FILES = Set.of("file", "jar", "nested", "jrt");

    private static final ClassValue<Boolean> IN_MEMORY = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            ClassLoader loader = type.getClassLoader();
            return loader != null
                    && loader != ClassLoader.getPlatformClassLoader()
                    && loader != ClassLoader.getSystemClassLoader()
                    && !type.isHidden()
                    && resource(loader, type.getName()) != null;
        }
    };

    /** What was found in a class the last time; JShell may give it other bytes, under the same name. */
    private static final ClassValue<AtomicReference<Parsed>> LAST_PARSED = new ClassValue<>() {
        @Override
        protected AtomicReference<Parsed> computeValue(Class<?> type) {
            return new AtomicReference<>(new Parsed(new byte[0], Set.of()));
        }
    };

    @SuppressWarnings("ArrayRecordComponent") // nobody compares it
    private record Parsed(byte[] bytes, Set<Class<?>> references) {}

    private MemoryClasses() {}

    /** Whether no file holds this class, and its bytes can be had. */
    public static boolean isInMemory(Class<?> type) {
        return IN_MEMORY.get(type);
    }

    /**
     * These classes, and those that they need in turn, with their bytes as they are now.
     *
     * @param named some that {@linkplain #isInMemory are in memory}
     */
    public static Map<Class<?>, byte[]> needed(Collection<Class<?>> named) {
        Map<Class<?>, byte[]> needed = new LinkedHashMap<>();
        Deque<Class<?>> ahead = new ArrayDeque<>(named);
        while (!ahead.isEmpty()) {
            Class<?> type = ahead.removeFirst();
            if (!needed.containsKey(type)) {
                Parsed parsed = parsed(type);
                needed.put(type, parsed.bytes());
                ahead.addAll(parsed.references());
            }
        }
        return needed;
    }

    private static Parsed parsed(Class<?> type) {
        byte[] bytes;
        try {
            bytes = bytes(type);
        } catch (IOException e) {
            throw new IllegalStateException("the bytes of the class " + type.getName() + " cannot be read: " + e, e);
        }
        AtomicReference<Parsed> last = LAST_PARSED.get(type);
        Parsed known = last.get();
        if (Arrays.equals(known.bytes(), bytes)) {
            return known;
        }
        Parsed parsed = new Parsed(bytes, references(type, bytes));
        last.set(parsed);
        return parsed;
    }

    private static byte[] bytes(Class<?> type) throws IOException {
        URL url = resource(type.getClassLoader(), type.getName());
        if (url == null) {
            throw new IOException("its class loader does not give them");
        }
        try (InputStream in = url.openStream()) {
            return in.readAllBytes();
        }
    }

    /** Null if there is none, or it is in a file. */
    private static @Nullable URL resource(ClassLoader loader, String className) {
        String name = className.replace('.', '/') + ".class";
        URL url = loader instanceof URLClassLoader own ? own.findResource(name) : loader.getResource(name);
        return url == null || PROTOCOLS_OF_FILES.contains(url.getProtocol()) ? null : url;
    }

    private static Set<Class<?>> references(Class<?> type, byte[] bytes) {
        Set<Class<?>> references = new LinkedHashSet<>();
        ClassLoader loader = type.getClassLoader();
        for (String name : names(bytes)) {
            if (resource(loader, name) != null) {
                try {
                    Class<?> found = Class.forName(name, false, loader);
                    if (found != type && isInMemory(found)) {
                        references.add(found);
                    }
                } catch (ClassNotFoundException | LinkageError e) {
                    // Not a name of a class after all, or of one that cannot be loaded here either.
                }
            }
        }
        return references;
    }

    /** All that may be the name of a class: whatever is in the pool of constants, alone or in a descriptor. */
    private static Set<String> names(byte[] classFile) {
        Set<String> names = new LinkedHashSet<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(classFile))) {
            in.skipNBytes(8); // magic number and version
            int count = in.readUnsignedShort();
            for (int i = 1; i < count; i++) {
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case 1 -> addNames(in.readUTF(), names);
                    case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
                    case 5, 6 -> {
                        in.skipNBytes(8);
                        i++; // these take two places
                    }
                    case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
                    case 15 -> in.skipNBytes(3);
                    default -> throw new IOException("a constant of the unknown kind " + tag);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("a class file cannot be read: " + e, e);
        }
        return names;
    }

    private static void addNames(String text, Set<String> names) {
        for (String word : text.split("[^\\w$/]+", -1)) {
            if (!word.isEmpty() && !word.startsWith("java/") && !word.startsWith("Ljava/")) {
                String name = word.replace('/', '.');
                names.add(name);
                if (name.charAt(0) == 'L') {
                    names.add(name.substring(1));
                }
            }
        }
    }
}

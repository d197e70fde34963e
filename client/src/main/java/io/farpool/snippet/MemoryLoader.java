package io.farpool.snippet;

import io.farpool.codec.Codec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Defines, in a worker process, the classes that came with a task from its client's memory. One loader takes all that come, so
 * that what tasks leave in static fields is there for the next; a task whose classes contradict those that are there, because
 * a snippet was changed, gets a new one, and the process goes on with that.
 *
 * <p>Thread-safe.
 */
final class MemoryLoader extends ClassLoader {
    private static @Nullable MemoryLoader newest;
    /** Mostly the next task is of the same classes. */
    private static byte[] lastPack = new byte[0];

    private final Map<String, byte[]> classes = new ConcurrentHashMap<>();
    private final Codec codec = new Codec(this);

    private MemoryLoader() {
        super("farpool-memory", MemoryLoader.class.getClassLoader());
    }

    /** The loader for a task with these classes. */
    static synchronized MemoryLoader of(byte[] pack) {
        MemoryLoader loader = newest;
        if (loader != null && Arrays.equals(pack, lastPack)) {
            return loader;
        }
        Map<String, byte[]> unpacked = unpack(pack);
        if (loader == null || loader.contradicts(unpacked)) {
            loader = new MemoryLoader();
            newest = loader;
        }
        loader.classes.putAll(unpacked);
        lastPack = pack;
        return loader;
    }

    private boolean contradicts(Map<String, byte[]> others) {
        return others.entrySet().stream().anyMatch(other -> {
            byte[] own = classes.get(other.getKey());
            return own != null && !Arrays.equals(own, other.getValue());
        });
    }

    /** Finds these classes, and all that the process has besides. */
    Codec codec() {
        return codec;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = classes.get(name);
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    static byte[] pack(Map<Class<?>, byte[]> classes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
            out.writeInt(classes.size());
            for (Map.Entry<Class<?>, byte[]> entry : classes.entrySet()) {
                out.writeUTF(entry.getKey().getName());
                out.writeInt(entry.getValue().length);
                out.write(entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Map<String, byte[]> unpack(byte[] pack) {
        Map<String, byte[]> classes = new LinkedHashMap<>();
        try (DataInputStream in = new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(pack)))) {
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                int length = in.readInt();
                byte[] bytes = in.readNBytes(length);
                if (bytes.length != length) {
                    throw new IOException(
                            "the class " + name + " ends after " + bytes.length + " of " + length + " bytes");
                }
                classes.put(name, bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a task's classes cannot be unpacked: " + e.getMessage(), e);
        }
        return classes;
    }
}

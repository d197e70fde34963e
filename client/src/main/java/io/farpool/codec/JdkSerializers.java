package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;

/** Those serializers of {@link JdkType} that are small and for one type. Immutable, so thread-safe. */
final class JdkSerializers {
    private JdkSerializers() {}

    static Serializer<Object> object() {
        return new ValueSerializer<>((output, value) -> {}, input -> new Object());
    }

    static Serializer<boolean[]> booleans() {
        return new ValueSerializer<>(
                (output, array) -> {
                    output.writeVarInt(array.length, true);
                    output.writeBooleans(array, 0, array.length);
                },
                input -> input.readBooleans(CheckedInput.readLength(input)));
    }

    @SuppressWarnings("JavaUtilDate") // Users' values are what they are.
    static Serializer<Date> date() {
        return new ValueSerializer<>(
                (output, date) -> output.writeLong(date.getTime()), input -> new Date(input.readLong()));
    }

    static Serializer<URI> uri() {
        return new ValueSerializer<>(
                (output, uri) -> output.writeString(uri.toString()), input -> URI.create(text(input)));
    }

    static Serializer<URL> url() {
        return new ValueSerializer<>(
                (output, url) -> output.writeString(url.toExternalForm()), JdkSerializers::readUrl);
    }

    static Serializer<File> file() {
        return new ValueSerializer<>(
                (output, file) -> output.writeString(file.getPath()), input -> new File(text(input)));
    }

    private static String text(Input input) {
        String text = input.readString();
        if (text == null) {
            throw new KryoException("a text is missing");
        }
        return text;
    }

    @SuppressWarnings("deprecation") // On later JDKs; its replacement is not in 17.
    private static URL readUrl(Input input) {
        String text = text(input);
        try {
            return new URL(text);
        } catch (MalformedURLException e) {
            throw new KryoException("not a URL that this JVM knows: " + text, e);
        }
    }

    /** Class objects, by name: any class, also one whose objects are refused. */
    static final class OfClass extends Serializer<Class<?>> {
        OfClass() {
            super(false, true);
        }

        @Override
        public void write(Kryo kryo, Output output, Class<?> type) {
            if (type.isHidden()) {
                throw new RefusedException(type, "a hidden class exists only in the JVM that made it", null);
            }
            output.writeString(type.getName());
            FarpoolKryo.named(kryo, type);
        }

        @Override
        public Class<?> read(Kryo kryo, Input input, Class<? extends Class<?>> ignored) {
            String name = text(input);
            try {
                return Names.load(name, kryo.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new KryoException("the class " + name + " cannot be loaded here", e);
            }
        }
    }

    /** Paths of the default file system. */
    static final class OfPath extends Serializer<Path> {
        @Override
        public void write(Kryo kryo, Output output, Path path) {
            if (path.getFileSystem() != FileSystems.getDefault()) {
                throw new RefusedException(
                        path,
                        "its file system (" + path.getFileSystem().provider().getScheme()
                                + ") is open in this process only. Ship its URI as a string, and open it inside the task",
                        null);
            }
            output.writeString(path.toString());
        }

        @Override
        public Path read(Kryo kryo, Input input, Class<? extends Path> type) {
            return Path.of(text(input));
        }
    }

    /** Byte buffers: a copy of their bytes, with position, limit, order and kind; the mark is lost. */
    static final class OfByteBuffer extends Serializer<ByteBuffer> {
        private static final int DIRECT = 1;
        private static final int READ_ONLY = 2;
        private static final int LITTLE_ENDIAN = 4;

        @Override
        public void write(Kryo kryo, Output output, ByteBuffer buffer) {
            output.writeByte((buffer.isDirect() ? DIRECT : 0)
                    | (buffer.isReadOnly() ? READ_ONLY : 0)
                    | (buffer.order() == ByteOrder.LITTLE_ENDIAN ? LITTLE_ENDIAN : 0));
            byte[] bytes = new byte[buffer.capacity()];
            buffer.duplicate().clear().get(bytes);
            output.writeVarInt(bytes.length, true);
            output.writeBytes(bytes);
            output.writeVarInt(buffer.position(), true);
            output.writeVarInt(buffer.limit(), true);
        }

        @Override
        public ByteBuffer read(Kryo kryo, Input input, Class<? extends ByteBuffer> type) {
            int flags = input.readByte();
            byte[] bytes = input.readBytes(CheckedInput.readLength(input));
            int position = input.readVarInt(true);
            int limit = input.readVarInt(true);
            ByteBuffer buffer = (flags & DIRECT) == 0
                    ? ByteBuffer.wrap(bytes)
                    : ByteBuffer.allocateDirect(bytes.length).put(bytes);
            if ((flags & READ_ONLY) != 0) {
                buffer = buffer.asReadOnlyBuffer();
            }
            buffer.order((flags & LITTLE_ENDIAN) != 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            return buffer.clear().limit(limit).position(position);
        }
    }

    /** Entries of maps, as detached copies. */
    static final class OfEntry extends Serializer<Map.Entry<Object, Object>> implements Parts {
        @Override
        public void write(Kryo kryo, Output output, Map.Entry<Object, Object> entry) {
            kryo.writeClassAndObject(output, entry.getKey());
            kryo.writeClassAndObject(output, entry.getValue());
        }

        @Override
        public Map.Entry<Object, Object> read(Kryo kryo, Input input, Class<? extends Map.Entry<Object, Object>> type) {
            GraphReferences references = GraphReferences.of(kryo);
            Object key = references.readNow(kryo, input, Map.Entry.class);
            return new AbstractMap.SimpleEntry<>(key, references.readNow(kryo, input, Map.Entry.class));
        }

        @Override
        public void parts(Object whole, Visitor visitor) {
            Map.Entry<?, ?> entry = (Map.Entry<?, ?>) whole;
            visitor.part(".getKey()", entry.getKey());
            visitor.part(".getValue()", entry.getValue());
        }
    }

    /** Collections.nCopies: the element once, however many copies. */
    static final class OfCopies extends Serializer<List<Object>> implements Parts {
        @Override
        public void write(Kryo kryo, Output output, List<Object> copies) {
            output.writeVarInt(copies.size(), true);
            kryo.writeClassAndObject(output, copies.isEmpty() ? null : copies.get(0));
        }

        @Override
        public List<Object> read(Kryo kryo, Input input, Class<? extends List<Object>> type) {
            int count = input.readVarInt(true);
            return Collections.nCopies(count, GraphReferences.of(kryo).readNow(kryo, input, List.class));
        }

        @Override
        public void parts(Object whole, Visitor visitor) {
            List<?> copies = (List<?>) whole;
            if (!copies.isEmpty()) {
                visitor.part("[0]", copies.get(0));
            }
        }
    }
}

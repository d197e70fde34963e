package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import com.esotericsoftware.kryo.kryo5.serializers.DefaultArraySerializers;
import com.esotericsoftware.kryo.kryo5.serializers.DefaultSerializers;
import com.esotericsoftware.kryo.kryo5.serializers.OptionalSerializers;
import com.esotericsoftware.kryo.kryo5.serializers.TimeSerializers;
import java.io.File;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * The JDK types with a compact form of their own. Their order gives their numbers on the wire, the same on both ends.
 *
 * <p>Only what Kryo's serializer, or a small one here, gets entirely right stands here; all other serializable JDK types go
 * through Java serialization ({@link EmbeddedSerializer}), which is larger and slower, and right.
 */
@SuppressWarnings({"JdkObsolete", "JavaUtilDate"}) // Users' values are what they are.
final class JdkTypes {
    private JdkTypes() {}

    /** Stands for the classes behind List.of, List.copyOf and Stream.toList. */
    static final class ImmutableList {}

    /** Stands for the classes behind Set.of. */
    static final class ImmutableSet {}

    /** Stands for the classes behind Map.of. */
    static final class ImmutableMap {}

    /**
     * Makes the table.
     *
     * @return serializers by class, in the order of their numbers; none of them has state
     */
    static Map<Class<?>, Serializer<?>> table() {
        Map<Class<?>, Serializer<?>> table = new LinkedHashMap<>();
        // What stands for a family of classes: see SerializerChoice.standIn.
        table.put(SerializedLambda.class, new LambdaSerializer());
        table.put(Proxy.class, new EmbeddedSerializer(Proxy.class));
        table.put(ImmutableList.class, CopySerializer.immutableList());
        table.put(ImmutableSet.class, CopySerializer.immutableSet());
        table.put(ImmutableMap.class, CopySerializer.immutableMap());
        table.put(List.class, CollectionSerializer.plain(ArrayList::new));
        table.put(Collection.class, CollectionSerializer.plain(ArrayList::new));
        table.put(Set.class, CollectionSerializer.plain(JdkTypes::linkedHashSet));
        table.put(SortedSet.class, CollectionSerializer.sorted((size, comparator) -> new TreeSet<>(comparator)));
        table.put(Map.class, MapSerializer.plain(LinkedHashMap::new));
        table.put(SortedMap.class, MapSerializer.sorted(TreeMap::new));
        table.put(Map.Entry.class, new EntrySerializer());
        table.put(Path.class, new PathSerializer());
        table.put(ByteBuffer.class, new ByteBufferSerializer());
        table.put(Charset.class, new DefaultSerializers.CharsetSerializer());
        table.put(ZoneId.class, new TimeSerializers.ZoneIdSerializer());

        table.put(Object.class, new ValueSerializer<Object>((output, value) -> {}, input -> new Object()));
        table.put(Class.class, new ClassSerializer());

        table.put(byte[].class, new DefaultArraySerializers.ByteArraySerializer());
        table.put(
                boolean[].class,
                new ValueSerializer<boolean[]>(
                        (output, array) -> {
                            output.writeVarInt(array.length, true);
                            output.writeBooleans(array, 0, array.length);
                        },
                        input -> input.readBooleans(CheckedInput.readLength(input))));
        table.put(short[].class, new DefaultArraySerializers.ShortArraySerializer());
        table.put(char[].class, new DefaultArraySerializers.CharArraySerializer());
        table.put(int[].class, new DefaultArraySerializers.IntArraySerializer());
        table.put(long[].class, new DefaultArraySerializers.LongArraySerializer());
        table.put(float[].class, new DefaultArraySerializers.FloatArraySerializer());
        table.put(double[].class, new DefaultArraySerializers.DoubleArraySerializer());
        table.put(String[].class, new ArraySerializer(String.class));
        table.put(Object[].class, new ArraySerializer(Object.class));
        table.put(StackTraceElement[].class, new EmbeddedSerializer(StackTraceElement[].class));

        table.put(ArrayList.class, CollectionSerializer.plain(ArrayList::new));
        table.put(LinkedList.class, CollectionSerializer.plain(size -> new LinkedList<>()));
        table.put(Vector.class, CollectionSerializer.plain(Vector::new));
        table.put(ArrayDeque.class, CollectionSerializer.plain(ArrayDeque::new));
        table.put(HashSet.class, CollectionSerializer.plain(size -> new HashSet<>(size + size / 3 + 1)));
        table.put(LinkedHashSet.class, CollectionSerializer.plain(JdkTypes::linkedHashSet));
        table.put(TreeSet.class, CollectionSerializer.sorted((size, comparator) -> new TreeSet<>(comparator)));
        table.put(
                PriorityQueue.class,
                CollectionSerializer.sorted((size, comparator) -> new PriorityQueue<>(comparator)));
        table.put(ConcurrentLinkedQueue.class, CollectionSerializer.plain(size -> new ConcurrentLinkedQueue<>()));
        table.put(ConcurrentLinkedDeque.class, CollectionSerializer.plain(size -> new ConcurrentLinkedDeque<>()));
        table.put(HashMap.class, MapSerializer.plain(HashMap::new));
        table.put(LinkedHashMap.class, MapSerializer.linked());
        table.put(TreeMap.class, MapSerializer.sorted(TreeMap::new));
        table.put(ConcurrentHashMap.class, MapSerializer.plain(ConcurrentHashMap::new));
        table.put(IdentityHashMap.class, MapSerializer.plain(IdentityHashMap::new));
        table.put(Collections.nCopies(1, "").getClass(), new CopiesSerializer());
        table.put(Hashtable.class, MapSerializer.plain(Hashtable::new));
        table.put(WeakHashMap.class, MapSerializer.plain(WeakHashMap::new));

        table.put(Optional.class, CopySerializer.optional());
        table.put(OptionalInt.class, new OptionalSerializers.OptionalIntSerializer());
        table.put(OptionalLong.class, new OptionalSerializers.OptionalLongSerializer());
        table.put(OptionalDouble.class, new OptionalSerializers.OptionalDoubleSerializer());
        table.put(BigInteger.class, new DefaultSerializers.BigIntegerSerializer());
        table.put(BigDecimal.class, new DefaultSerializers.BigDecimalSerializer());
        table.put(StringBuilder.class, new DefaultSerializers.StringBuilderSerializer());
        table.put(StringBuffer.class, new DefaultSerializers.StringBufferSerializer());
        table.put(BitSet.class, new DefaultSerializers.BitSetSerializer());
        table.put(UUID.class, new DefaultSerializers.UUIDSerializer());
        table.put(Currency.class, new DefaultSerializers.CurrencySerializer());
        table.put(Pattern.class, new DefaultSerializers.PatternSerializer());
        table.put(
                Date.class,
                new ValueSerializer<Date>(
                        (output, date) -> output.writeLong(date.getTime()), input -> new Date(input.readLong())));
        table.put(
                URI.class,
                new ValueSerializer<URI>(
                        (output, uri) -> output.writeString(uri.toString()), input -> URI.create(text(input))));
        table.put(
                URL.class,
                new ValueSerializer<URL>((output, url) -> output.writeString(url.toExternalForm()), JdkTypes::url));
        table.put(
                File.class,
                new ValueSerializer<File>(
                        (output, file) -> output.writeString(file.getPath()), input -> new File(text(input))));
        table.put(AtomicBoolean.class, new DefaultSerializers.AtomicBooleanSerializer());
        table.put(AtomicInteger.class, new DefaultSerializers.AtomicIntegerSerializer());
        table.put(AtomicLong.class, new DefaultSerializers.AtomicLongSerializer());

        table.put(Duration.class, new TimeSerializers.DurationSerializer());
        table.put(Instant.class, new TimeSerializers.InstantSerializer());
        table.put(LocalDate.class, new TimeSerializers.LocalDateSerializer());
        table.put(LocalTime.class, new TimeSerializers.LocalTimeSerializer());
        table.put(LocalDateTime.class, new TimeSerializers.LocalDateTimeSerializer());
        table.put(OffsetDateTime.class, new TimeSerializers.OffsetDateTimeSerializer());
        table.put(OffsetTime.class, new TimeSerializers.OffsetTimeSerializer());
        table.put(ZoneOffset.class, new TimeSerializers.ZoneOffsetSerializer());
        table.put(Year.class, new TimeSerializers.YearSerializer());
        table.put(YearMonth.class, new TimeSerializers.YearMonthSerializer());
        table.put(MonthDay.class, new TimeSerializers.MonthDaySerializer());
        table.put(Period.class, new TimeSerializers.PeriodSerializer());
        return table;
    }

    private static Set<Object> linkedHashSet(int size) {
        return new LinkedHashSet<>(size + size / 3 + 1);
    }

    private static String text(Input input) {
        String text = input.readString();
        if (text == null) {
            throw new KryoException("a text is missing");
        }
        return text;
    }

    @SuppressWarnings("deprecation") // On later JDKs; its replacement is not in 17.
    private static URL url(Input input) {
        String text = text(input);
        try {
            return new URL(text);
        } catch (MalformedURLException e) {
            throw new KryoException("not a URL that this JVM knows: " + text, e);
        }
    }

    /** Class objects, by name: any class, also one whose objects are refused. */
    private static final class ClassSerializer extends Serializer<Class<?>> {
        ClassSerializer() {
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
    private static final class PathSerializer extends Serializer<Path> {
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
    private static final class ByteBufferSerializer extends Serializer<ByteBuffer> {
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
    private static final class EntrySerializer extends Serializer<Map.Entry<Object, Object>> implements Parts {
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
    private static final class CopiesSerializer extends Serializer<List<Object>> implements Parts {
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

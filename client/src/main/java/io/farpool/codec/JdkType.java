package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.serializers.DefaultArraySerializers;
import com.esotericsoftware.kryo.kryo5.serializers.DefaultSerializers;
import com.esotericsoftware.kryo.kryo5.serializers.OptionalSerializers;
import com.esotericsoftware.kryo.kryo5.serializers.TimeSerializers;
import java.io.File;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
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
import org.jspecify.annotations.Nullable;

/**
 * The JDK types with a compact form of their own. Their order gives their numbers on the wire, the same on both ends.
 *
 * <p>Only what Kryo's serializer, or a small one here, gets entirely right stands here; all other serializable JDK types go
 * through Java serialization ({@link EmbeddedSerializer}), which is larger and slower, and right.
 */
@SuppressWarnings("JdkObsolete") // Users' values are what they are.
enum JdkType {
    // What stands for a family of classes: see SerializerChoice.standIn.
    LAMBDA(SerializedLambda.class),
    PROXY(Proxy.class),
    IMMUTABLE_LIST(ImmutableList.class),
    IMMUTABLE_SET(ImmutableSet.class),
    IMMUTABLE_MAP(ImmutableMap.class),
    LIST(List.class),
    COLLECTION(Collection.class),
    SET(Set.class),
    SORTED_SET(SortedSet.class),
    MAP(Map.class),
    SORTED_MAP(SortedMap.class),
    MAP_ENTRY(Map.Entry.class),
    PATH(Path.class),
    BYTE_BUFFER(ByteBuffer.class),
    CHARSET(Charset.class),
    ZONE_ID(ZoneId.class),

    OBJECT(Object.class),
    CLASS(Class.class),

    BYTES(byte[].class),
    BOOLEANS(boolean[].class),
    SHORTS(short[].class),
    CHARS(char[].class),
    INTS(int[].class),
    LONGS(long[].class),
    FLOATS(float[].class),
    DOUBLES(double[].class),
    STRINGS(String[].class),
    OBJECTS(Object[].class),
    STACK_TRACE(StackTraceElement[].class),

    ARRAY_LIST(ArrayList.class),
    LINKED_LIST(LinkedList.class),
    VECTOR(Vector.class),
    ARRAY_DEQUE(ArrayDeque.class),
    HASH_SET(HashSet.class),
    LINKED_HASH_SET(LinkedHashSet.class),
    TREE_SET(TreeSet.class),
    PRIORITY_QUEUE(PriorityQueue.class),
    CONCURRENT_LINKED_QUEUE(ConcurrentLinkedQueue.class),
    CONCURRENT_LINKED_DEQUE(ConcurrentLinkedDeque.class),
    HASH_MAP(HashMap.class),
    LINKED_HASH_MAP(LinkedHashMap.class),
    TREE_MAP(TreeMap.class),
    CONCURRENT_HASH_MAP(ConcurrentHashMap.class),
    IDENTITY_HASH_MAP(IdentityHashMap.class),
    COPIES(Collections.nCopies(1, "").getClass()),
    HASHTABLE(Hashtable.class),
    WEAK_HASH_MAP(WeakHashMap.class),

    OPTIONAL(Optional.class),
    OPTIONAL_INT(OptionalInt.class),
    OPTIONAL_LONG(OptionalLong.class),
    OPTIONAL_DOUBLE(OptionalDouble.class),
    BIG_INTEGER(BigInteger.class),
    BIG_DECIMAL(BigDecimal.class),
    STRING_BUILDER(StringBuilder.class),
    STRING_BUFFER(StringBuffer.class),
    BIT_SET(BitSet.class),
    UUID(UUID.class),
    CURRENCY(Currency.class),
    PATTERN(Pattern.class),
    DATE(Date.class),
    URI(URI.class),
    URL(URL.class),
    FILE(File.class),
    ATOMIC_BOOLEAN(AtomicBoolean.class),
    ATOMIC_INTEGER(AtomicInteger.class),
    ATOMIC_LONG(AtomicLong.class),

    DURATION(Duration.class),
    INSTANT(Instant.class),
    LOCAL_DATE(LocalDate.class),
    LOCAL_TIME(LocalTime.class),
    LOCAL_DATE_TIME(LocalDateTime.class),
    OFFSET_DATE_TIME(OffsetDateTime.class),
    OFFSET_TIME(OffsetTime.class),
    ZONE_OFFSET(ZoneOffset.class),
    YEAR(Year.class),
    YEAR_MONTH(YearMonth.class),
    MONTH_DAY(MonthDay.class),
    PERIOD(Period.class);

    private static final Map<Class<?>, JdkType> BY_CLASS = byClass();

    private final Class<?> type;

    JdkType(Class<?> type) {
        this.type = type;
    }

    /** Stands for the classes behind List.of, List.copyOf and Stream.toList. */
    static final class ImmutableList {}

    /** Stands for the classes behind Set.of. */
    static final class ImmutableSet {}

    /** Stands for the classes behind Map.of. */
    static final class ImmutableMap {}

    /** The one for objects of exactly this class; null if there is none. */
    static @Nullable JdkType of(Class<?> type) {
        return BY_CLASS.get(type);
    }

    /** The class that is written in this form. */
    Class<?> type() {
        return type;
    }

    /**
     * Makes the serializer, which any number of threads may share. Asked for only when there is something to write or read:
     * most programs need few of them.
     */
    Serializer<?> serializer() {
        return switch (this) {
            case LAMBDA -> new LambdaSerializer();
            case PROXY -> new EmbeddedSerializer(Proxy.class);
            case IMMUTABLE_LIST -> CopySerializer.immutableList();
            case IMMUTABLE_SET -> CopySerializer.immutableSet();
            case IMMUTABLE_MAP -> CopySerializer.immutableMap();
            case LIST -> CollectionSerializer.plain(ArrayList::new);
            case COLLECTION -> CollectionSerializer.plain(ArrayList::new);
            case SET -> CollectionSerializer.plain(JdkType::linkedHashSet);
            case SORTED_SET -> CollectionSerializer.sorted((size, comparator) -> new TreeSet<>(comparator));
            case MAP -> MapSerializer.plain(LinkedHashMap::new);
            case SORTED_MAP -> MapSerializer.sorted(TreeMap::new);
            case MAP_ENTRY -> new JdkSerializers.OfEntry();
            case PATH -> new JdkSerializers.OfPath();
            case BYTE_BUFFER -> new JdkSerializers.OfByteBuffer();
            case CHARSET -> new DefaultSerializers.CharsetSerializer();
            case ZONE_ID -> new TimeSerializers.ZoneIdSerializer();
            case OBJECT -> JdkSerializers.object();
            case CLASS -> new JdkSerializers.OfClass();
            case BYTES -> new DefaultArraySerializers.ByteArraySerializer();
            case BOOLEANS -> JdkSerializers.booleans();
            case SHORTS -> new DefaultArraySerializers.ShortArraySerializer();
            case CHARS -> new DefaultArraySerializers.CharArraySerializer();
            case INTS -> new DefaultArraySerializers.IntArraySerializer();
            case LONGS -> new DefaultArraySerializers.LongArraySerializer();
            case FLOATS -> new DefaultArraySerializers.FloatArraySerializer();
            case DOUBLES -> new DefaultArraySerializers.DoubleArraySerializer();
            case STRINGS -> new ArraySerializer(String.class);
            case OBJECTS -> new ArraySerializer(Object.class);
            case STACK_TRACE -> new EmbeddedSerializer(StackTraceElement[].class);
            case ARRAY_LIST -> CollectionSerializer.plain(ArrayList::new);
            case LINKED_LIST -> CollectionSerializer.plain(size -> new LinkedList<>());
            case VECTOR -> CollectionSerializer.plain(Vector::new);
            case ARRAY_DEQUE -> CollectionSerializer.plain(ArrayDeque::new);
            case HASH_SET -> CollectionSerializer.plain(size -> new HashSet<>(size + size / 3 + 1));
            case LINKED_HASH_SET -> CollectionSerializer.plain(JdkType::linkedHashSet);
            case TREE_SET -> CollectionSerializer.sorted((size, comparator) -> new TreeSet<>(comparator));
            case PRIORITY_QUEUE -> CollectionSerializer.sorted((size, comparator) -> new PriorityQueue<>(comparator));
            case CONCURRENT_LINKED_QUEUE -> CollectionSerializer.plain(size -> new ConcurrentLinkedQueue<>());
            case CONCURRENT_LINKED_DEQUE -> CollectionSerializer.plain(size -> new ConcurrentLinkedDeque<>());
            case HASH_MAP -> MapSerializer.plain(HashMap::new);
            case LINKED_HASH_MAP -> MapSerializer.linked();
            case TREE_MAP -> MapSerializer.sorted(TreeMap::new);
            case CONCURRENT_HASH_MAP -> MapSerializer.plain(ConcurrentHashMap::new);
            case IDENTITY_HASH_MAP -> MapSerializer.plain(IdentityHashMap::new);
            case COPIES -> new JdkSerializers.OfCopies();
            case HASHTABLE -> MapSerializer.plain(Hashtable::new);
            case WEAK_HASH_MAP -> MapSerializer.plain(WeakHashMap::new);
            case OPTIONAL -> CopySerializer.optional();
            case OPTIONAL_INT -> new OptionalSerializers.OptionalIntSerializer();
            case OPTIONAL_LONG -> new OptionalSerializers.OptionalLongSerializer();
            case OPTIONAL_DOUBLE -> new OptionalSerializers.OptionalDoubleSerializer();
            case BIG_INTEGER -> new DefaultSerializers.BigIntegerSerializer();
            case BIG_DECIMAL -> new DefaultSerializers.BigDecimalSerializer();
            case STRING_BUILDER -> new DefaultSerializers.StringBuilderSerializer();
            case STRING_BUFFER -> new DefaultSerializers.StringBufferSerializer();
            case BIT_SET -> new DefaultSerializers.BitSetSerializer();
            case UUID -> new DefaultSerializers.UUIDSerializer();
            case CURRENCY -> new DefaultSerializers.CurrencySerializer();
            case PATTERN -> new DefaultSerializers.PatternSerializer();
            case DATE -> JdkSerializers.date();
            case URI -> JdkSerializers.uri();
            case URL -> JdkSerializers.url();
            case FILE -> JdkSerializers.file();
            case ATOMIC_BOOLEAN -> new DefaultSerializers.AtomicBooleanSerializer();
            case ATOMIC_INTEGER -> new DefaultSerializers.AtomicIntegerSerializer();
            case ATOMIC_LONG -> new DefaultSerializers.AtomicLongSerializer();
            case DURATION -> new TimeSerializers.DurationSerializer();
            case INSTANT -> new TimeSerializers.InstantSerializer();
            case LOCAL_DATE -> new TimeSerializers.LocalDateSerializer();
            case LOCAL_TIME -> new TimeSerializers.LocalTimeSerializer();
            case LOCAL_DATE_TIME -> new TimeSerializers.LocalDateTimeSerializer();
            case OFFSET_DATE_TIME -> new TimeSerializers.OffsetDateTimeSerializer();
            case OFFSET_TIME -> new TimeSerializers.OffsetTimeSerializer();
            case ZONE_OFFSET -> new TimeSerializers.ZoneOffsetSerializer();
            case YEAR -> new TimeSerializers.YearSerializer();
            case YEAR_MONTH -> new TimeSerializers.YearMonthSerializer();
            case MONTH_DAY -> new TimeSerializers.MonthDaySerializer();
            case PERIOD -> new TimeSerializers.PeriodSerializer();
        };
    }

    private static Map<Class<?>, JdkType> byClass() {
        Map<Class<?>, JdkType> types = new HashMap<>();
        for (JdkType type : values()) {
            types.put(type.type, type);
        }
        return types;
    }

    private static Set<Object> linkedHashSet(int size) {
        return new LinkedHashSet<>(size + size / 3 + 1);
    }
}

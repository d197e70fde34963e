package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.SimpleDateFormat;
import java.time.Clock;
import java.time.DayOfWeek;
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
import java.time.ZonedDateTime;
import java.time.chrono.JapaneseDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Currency;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SimpleTimeZone;
import java.util.StringJoiner;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Contract line 38: the JDK's types, but for its collections. */
@SuppressWarnings({"JdkObsolete", "JavaUtilDate", "UnnecessaryStringBuilder"})
final class JdkValues {
    private JdkValues() {}

    static void addTo(Values.Table table) {
        simple(table);
        arrays(table);
        time(table);
        atomics(table);
        others(table);
    }

    private static void simple(Values.Table table) {
        table.checked(
                "null", () -> null, (sent, received) -> assertThat(received).isNull());
        table.equal("true", () -> true);
        table.equal("byte", () -> (byte) -7);
        table.equal("short", () -> Short.MIN_VALUE);
        table.equal("char", () -> '\ud800');
        table.equal("int", () -> Integer.MIN_VALUE);
        table.equal("long", () -> Long.MIN_VALUE);
        table.equal("float NaN", () -> Float.NaN);
        table.equal("double", () -> -0.0);
        table.equal("empty string", () -> "");
        table.equal("one character", () -> "a");
        table.equal("string of many scripts", () -> "grüße, 世界 🌍 \u0000 \ud800 lone");
        table.equal("long ASCII string", () -> "x".repeat(100_000));
        table.equal("long string", () -> "ü".repeat(100_000));
        table.equal("BigInteger", () -> BigInteger.TWO.pow(1000).negate());
        table.equal("BigDecimal", () -> new BigDecimal("-12345678901234567890.1234567890"));
        table.equal("BigDecimal of large scale", () -> new BigDecimal("1e-2000000000"));
        table.text("StringBuilder", () -> new StringBuilder("büilder"));
        table.text("StringBuffer", () -> new StringBuffer("buffer"));
        table.equal("UUID", () -> new UUID(-1, 42));
        table.checked("new Object()", Object::new, (sent, received) -> assertThat(received.getClass())
                .isEqualTo(Object.class));
        table.same("class", () -> Map.Entry.class);
        table.same("class of refused objects", () -> Thread.class);
        table.same("primitive class", () -> int.class);
        table.same("void class", () -> void.class);
        table.same("array class", () -> long[][].class);
        table.same("JDK enum", () -> DayOfWeek.FRIDAY);
        table.same("JDK enum with bodies", () -> TimeUnit.SECONDS);
    }

    private static void arrays(Values.Table table) {
        array(table, "byte[]", new byte[] {1, -2, 3});
        array(table, "boolean[]", new boolean[] {true, false});
        array(table, "short[]", new short[] {1, -2});
        array(table, "char[]", new char[] {'a', '\uffff'});
        array(table, "int[]", IntStream.range(-5000, 5000).toArray());
        array(table, "long[]", new long[] {Long.MIN_VALUE, 0, Long.MAX_VALUE});
        array(table, "float[]", new float[] {1.5f, Float.NEGATIVE_INFINITY});
        array(table, "double[]", new double[] {1.5, Double.NaN});
        array(table, "empty int[]", new int[0]);
        array(table, "String[]", new String[] {"a", null, "ü"});
        array(table, "Object[]", new Object[] {1, "two", null, List.of(3)});
        array(table, "int[][]", new int[][] {{1}, {}, null, {2, 3}});
        array(table, "Integer[]", new Integer[] {1, null, 3});
        array(table, "Number[]", new Number[] {1, 2L, 3.0, BigInteger.TEN});
        array(table, "List[]", new List<?>[] {List.of(1), new ArrayList<>(List.of(2))});
        array(table, "Comparable[][]", new Comparable<?>[][] {{"a", 1}, {2L}});
        array(table, "enum[]", new DayOfWeek[] {DayOfWeek.MONDAY, null});
        array(table, "Class[]", new Class<?>[] {String.class, int.class});
        table.checked("an array that holds itself", JdkValues::selfHolding, (sent, received) -> assertThat(
                        ((Object[]) received)[0])
                .isSameAs(received));
    }

    private static Object selfHolding() {
        Object[] array = new Object[1];
        array[0] = array;
        return array;
    }

    private static void array(Values.Table table, String name, Object array) {
        table.checked(name, () -> array, (sent, received) -> {
            assertThat(received.getClass()).isEqualTo(sent.getClass());
            assertThat(Arrays.deepEquals(new Object[] {sent}, new Object[] {received}))
                    .isTrue();
        });
    }

    private static void time(Values.Table table) {
        table.equal("Duration", () -> Duration.ofSeconds(-5, 7));
        table.equal("Instant", () -> Instant.parse("1969-12-31T23:59:59.123456789Z"));
        table.equal("Instant.MIN", () -> Instant.MIN);
        table.equal("LocalDate", () -> LocalDate.of(-44, 3, 15));
        table.equal("LocalTime", () -> LocalTime.of(23, 59, 59, 999));
        table.equal("LocalDateTime", () -> LocalDateTime.of(2024, 2, 29, 12, 0));
        table.equal("OffsetDateTime", () -> OffsetDateTime.of(2024, 2, 29, 12, 0, 0, 1, ZoneOffset.ofHours(-3)));
        table.equal("OffsetTime", () -> OffsetTime.of(1, 2, 3, 4, ZoneOffset.ofHoursMinutes(5, 30)));
        table.equal(
                "ZonedDateTime in the hour that comes twice",
                () -> ZonedDateTime.ofLocal(
                        LocalDateTime.of(2024, 10, 27, 2, 30), ZoneId.of("Europe/Berlin"), ZoneOffset.ofHours(1)));
        table.equal("ZoneId", () -> ZoneId.of("America/New_York"));
        table.equal("ZoneOffset", () -> ZoneOffset.ofHoursMinutesSeconds(1, 2, 3));
        table.equal("Year", () -> Year.of(-5));
        table.equal("YearMonth", () -> YearMonth.of(2024, 12));
        table.equal("MonthDay", () -> MonthDay.of(2, 29));
        table.equal("Period", () -> Period.of(1, -2, 3));
        table.equal("JapaneseDate", () -> JapaneseDate.of(2024, 1, 1));
        table.equal("Clock", () -> Clock.fixed(Instant.EPOCH, ZoneId.of("UTC")));
        table.equal("Date", () -> new Date(-1));
        table.equal("java.sql.Timestamp", () -> {
            java.sql.Timestamp timestamp = new java.sql.Timestamp(1000);
            timestamp.setNanos(123_456_789);
            return timestamp;
        });
        table.equal("Calendar", () -> {
            Calendar calendar = new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo"), Locale.GERMANY);
            calendar.setTimeInMillis(1_000_000);
            return calendar;
        });
        table.equal("TimeZone", () -> TimeZone.getTimeZone("Asia/Tokyo"));
        table.equal("SimpleTimeZone", () -> new SimpleTimeZone(3_600_000, "Mine"));
    }

    private static void atomics(Values.Table table) {
        table.text("AtomicInteger", () -> new AtomicInteger(-3));
        table.text("AtomicLong", () -> new AtomicLong(Long.MIN_VALUE));
        table.text("AtomicBoolean", () -> new AtomicBoolean(true));
        table.text("AtomicReference", () -> new AtomicReference<>("x"));
        table.text("AtomicIntegerArray", () -> new AtomicIntegerArray(new int[] {1, 2}));
        table.text("AtomicLongArray", () -> new AtomicLongArray(new long[] {1, 2}));
        table.text("AtomicReferenceArray", () -> new AtomicReferenceArray<>(new String[] {"a", null}));
        table.text("DoubleAdder", () -> {
            DoubleAdder adder = new DoubleAdder();
            adder.add(2.5);
            return adder;
        });
        table.elements("LinkedTransferQueue", () -> new LinkedTransferQueue<>(List.of(1, 2)));
        table.text("LongAdder", () -> {
            LongAdder adder = new LongAdder();
            adder.add(5);
            return adder;
        });
        table.checked(
                "AtomicReference to itself",
                () -> {
                    AtomicReference<Object> reference = new AtomicReference<>();
                    reference.set(reference);
                    return reference;
                },
                (sent, received) ->
                        assertThat(((AtomicReference<?>) received).get()).isSameAs(received));
        table.checked(
                "ReentrantLock",
                () -> {
                    ReentrantLock lock = new ReentrantLock(true);
                    lock.lock();
                    return lock;
                },
                (sent, received) -> {
                    assertThat(((ReentrantLock) received).isLocked()).isFalse();
                    assertThat(((ReentrantLock) received).isFair()).isTrue();
                });
        table.checked("ReentrantReadWriteLock", ReentrantReadWriteLock::new, (sent, received) -> assertThat(
                        ((ReentrantReadWriteLock) received).readLock().tryLock())
                .isTrue());
        table.checked("Semaphore", () -> new Semaphore(3), (sent, received) -> assertThat(
                        ((Semaphore) received).availablePermits())
                .isEqualTo(3));
    }

    private static void others(Values.Table table) {
        table.equal("Optional", () -> Optional.of(List.of(1)));
        table.same("Optional.empty", Optional::empty);
        table.equal("OptionalInt", () -> OptionalInt.of(-1));
        table.equal("OptionalLong", () -> OptionalLong.of(Long.MAX_VALUE));
        table.equal("OptionalDouble", () -> OptionalDouble.of(0.5));
        table.equal("OptionalInt.empty", OptionalInt::empty);
        table.equal("URI", () -> URI.create("http://example.com/a?b=ü#c"));
        table.text("URL", () -> URI.create("http://127.0.0.1:80/a?b#c").toURL());
        table.checked("Pattern", () -> Pattern.compile("(a+)b", Pattern.CASE_INSENSITIVE), (sent, received) -> {
            assertThat(received).hasToString("(a+)b");
            assertThat(((Pattern) received).matcher("AAB").matches()).isTrue();
        });
        table.equal("Locale", () -> Locale.forLanguageTag("zh-Hant-TW-u-ca-roc"));
        table.equal("Locale.ROOT", () -> Locale.ROOT);
        table.same("Currency", () -> Currency.getInstance("EUR"));
        table.equal("Path", () -> Path.of("/a/b/../c"));
        table.equal("empty Path", () -> Path.of(""));
        table.equal("File", () -> new File("relative/file"));
        table.equal("Charset", () -> StandardCharsets.ISO_8859_1);
        table.equal("InetAddress", () -> InetAddress.getByAddress("host", new byte[] {127, 0, 0, 1}));
        table.equal("InetSocketAddress", () -> InetSocketAddress.createUnresolved("somewhere", 80));
        table.checked(
                "ByteBuffer",
                () -> ByteBuffer.wrap(new byte[] {1, 2, 3, 4}).position(1).limit(3),
                JdkValues::sameBuffer);
        table.checked(
                "direct ByteBuffer",
                () -> ByteBuffer.allocateDirect(4).putInt(7).flip(),
                JdkValues::sameBuffer);
        table.checked(
                "read-only ByteBuffer",
                () -> ByteBuffer.wrap(new byte[3]).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN),
                JdkValues::sameBuffer);
        table.checked(
                "slice of a ByteBuffer",
                () -> ByteBuffer.wrap(new byte[] {1, 2, 3, 4}).slice(1, 2),
                JdkValues::sameBuffer);
        table.checked("Random", () -> new Random(42), (sent, received) -> assertThat(((Random) received).nextLong())
                .isEqualTo(new Random(42).nextLong()));
        table.equal("DecimalFormat", () -> new DecimalFormat("#,##0.00"));
        table.equal("SimpleDateFormat", () -> new SimpleDateFormat("yyyy-MM-dd", Locale.ROOT));
        table.checked(
                "a used-up iterator's list",
                () -> new ArrayList<>(List.of(new StringJoiner(",").add("a").toString())),
                (sent, received) -> assertThat(received).isEqualTo(sent));
        table.equal("StackTraceElement", () -> new Throwable().getStackTrace()[0]);
        table.checked("StackTraceElement[]", () -> new Throwable().getStackTrace(), (sent, received) -> assertThat(
                        (StackTraceElement[]) received)
                .containsExactly((StackTraceElement[]) sent));
    }

    private static void sameBuffer(Object sent, Object received) {
        ByteBuffer before = (ByteBuffer) sent;
        ByteBuffer after = (ByteBuffer) received;
        assertThat(after).isEqualTo(before);
        assertThat(after.toString()).isEqualTo(before.toString());
        assertThat(after.order()).isEqualTo(before.order());
        assertThat(after.duplicate().clear()).isEqualTo(before.duplicate().clear());
    }
}

package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodecRoundTripTest {
    private static final Codec CODEC = new Codec();
    private static final Codec OTHER_END = new Codec();

    static List<Values.Value> values() {
        return Values.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    void survivesTheRoundTrip(Values.Value value) throws Exception {
        Object sent = value.make().call();

        value.check().check(sent, OTHER_END.decode(CODEC.encode(sent)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    void survivesAsAPartOfOtherObjects(Values.Value value) throws Exception {
        Object sent = value.make().call();
        Object[] around = {new ClassValues.Box<>(sent), new HookValues.Keeper(new Object[] {sent}), "end"};

        Object[] received = (Object[]) OTHER_END.decode(CODEC.encode(around));

        Object inBox = ((ClassValues.Box<?>) received[0]).content;
        value.check().check(sent, inBox);
        Object inKeeper = ((Object[]) ((HookValues.Keeper) received[1]).kept)[0];
        assertThat(inKeeper == inBox || inKeeper.equals(inBox))
                .as("one object stays one")
                .isTrue();
        assertThat(received[2]).isEqualTo("end");
    }

    @Test
    void hasMoreThan120KindsOfValue() {
        assertThat(Values.all()).hasSizeGreaterThan(120);
    }

    @Test
    void readsBuffersOfEveryKindWithoutMovingThem() {
        byte[] bytes = CODEC.encode("text");
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 4);
        direct.position(2).put(bytes).position(2).limit(2 + bytes.length);
        byte[] larger = new byte[bytes.length + 6];
        System.arraycopy(bytes, 0, larger, 5, bytes.length);

        assertThat(CODEC.decode(direct)).isEqualTo("text");
        assertThat(direct.position()).isEqualTo(2);
        assertThat(CODEC.decode(ByteBuffer.wrap(larger, 5, bytes.length))).isEqualTo("text");
        assertThat(CODEC.decode(ByteBuffer.wrap(larger, 1, bytes.length + 4)
                        .slice(5, bytes.length)
                        .asReadOnlyBuffer()))
                .isEqualTo("text");
    }

    @Test
    void smallValuesAreSmall() {
        assertThat(CODEC.encode(7)).hasSizeLessThanOrEqualTo(3);
        assertThat(CODEC.encode(List.of(1, 2, 3))).hasSizeLessThanOrEqualTo(12);
        assertThat(CODEC.encode((LambdaValues.Make<Integer>) () -> 1)).hasSizeLessThan(350);
        IllegalStateException thrown = new IllegalStateException("x");
        thrown.setStackTrace(Arrays.copyOf(thrown.getStackTrace(), 20)); // however deep the test itself is called
        assertThat(CODEC.encode(thrown)).hasSizeLessThan(3500);
    }

    @Test
    void everyInstanceStartsAndStaysWithoutStateOfEarlierGraphs() {
        for (int i = 0; i < 100; i++) {
            assertThat(CODEC.decode(CODEC.encode(List.of("a", "a")))).isEqualTo(List.of("a", "a"));
        }
    }

    @Test
    void readsLongArraysThatObjectsWithHooksHold() {
        HookValues.Keeper sent = new HookValues.Keeper(new long[300_000]);
        Object received = OTHER_END.decode(CODEC.encode(sent));
        assertThat((long[]) ((HookValues.Keeper) received).kept).hasSize(300_000);
    }

    @Test
    void theObjectsOfScalaAndTheirLikeStayTheOnlyOnes() {
        Object[] both = {Single$.MODULE$, Single$.MODULE$};
        assertThat((Object[]) OTHER_END.decode(CODEC.encode(both))).containsExactly(both);
        assertThat(OTHER_END.decode(CODEC.encode(new Open$())))
                .isInstanceOf(Open$.class)
                .isNotSameAs(Open$.MODULE$);
    }

    /** As Scala makes of {@code object Single}. */
    @SuppressWarnings("unused") // what it holds does not travel
    private static final class Single$ {
        static final Single$ MODULE$ = new Single$();
        private final Thread notSerializable = new Thread();

        private Single$() {}
    }

    /** Anybody can make another of these. */
    private static final class Open$ {
        static final Open$ MODULE$ = new Open$();

        Open$() {}
    }
}

package io.farpool.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HeavyTailTest {
    private final HeavyTail lengths = HeavyTail.of(400, 2_000_000);

    @Test
    void theLengthsAreTheSameEveryTime() {
        assertThat(HeavyTail.of(400, 2_000_000).list()).isEqualTo(lengths.list());
    }

    @Test
    void theyLieBetweenOneMillisecondAndTheLongest() {
        assertThat(Arrays.stream(lengths.micros()).min().orElseThrow()).isBetween(1_000L, 2_000L);
        assertThat(Arrays.stream(lengths.micros()).max().orElseThrow()).isBetween(1_000_000L, 2_000_000L);
    }

    @Test
    void theLongestTenthMakesUpMoreThanHalfOfTheTime() {
        long[] ascending = Arrays.stream(lengths.micros()).sorted().toArray();
        long longest = Arrays.stream(ascending).skip(360).sum();
        assertThat(longest).isGreaterThan(Arrays.stream(ascending).sum() / 2);
    }

    @Test
    void anIdealPoolGivesEachSlotTheNextTaskAsSoonAsItIsFree() {
        HeavyTail few = new HeavyTail(new long[] {5_000_000, 1_000_000, 3_000_000, 2_000_000}, 5_000_000);
        assertThat(few.idealSeconds(1)).isEqualTo(11);
        assertThat(few.idealSeconds(2)).isEqualTo(6);
        assertThat(few.idealSeconds(9)).isEqualTo(5);
    }
}

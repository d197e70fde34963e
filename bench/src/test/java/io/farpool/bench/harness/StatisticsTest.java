package io.farpool.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        assertThat(Statistics.of(List.of(9.0, 1.0, 5.0))).isEqualTo(new Statistics(5, 1, 9, 3));
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertThat(Statistics.of(List.of(4.0, 1.0, 2.0, 9.0)).median()).isEqualTo(3);
    }

    @Test
    void ofNoValuesThereAreNoStatistics() {
        assertThatThrownBy(() -> Statistics.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPercentileIsTheValueAtTheNearestRank() {
        double[] thousand = IntStream.rangeClosed(1, 1_000).asDoubleStream().toArray();
        assertThat(Statistics.percentile(thousand, 50)).isEqualTo(500);
        assertThat(Statistics.percentile(thousand, 99)).isEqualTo(990);
        assertThat(Statistics.percentile(thousand, 99.9)).isEqualTo(999);
        assertThat(Statistics.percentile(thousand, 100)).isEqualTo(1_000);
        assertThat(Statistics.percentile(new double[] {7}, 99.9)).isEqualTo(7);
    }

    @Test
    void ratiosAreComputedRoundByRound() {
        // Twice as fast in every round, whatever the rounds were like; the ratio of the medians would be 4.
        assertThat(Statistics.ratios(List.of(2.0, 40.0, 8.0), List.of(1.0, 20.0, 4.0)))
                .isEqualTo(new Statistics(2, 2, 2, 3));
    }
}

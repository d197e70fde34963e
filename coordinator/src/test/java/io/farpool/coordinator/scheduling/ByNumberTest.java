package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByNumberTest {
    private final ByNumber<String> values = new ByNumber<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 64, 1_000, Long.MAX_VALUE / 2})
    void holdsWhatAMapHolds(long spread) {
        Random random = new Random(spread);
        Map<Long, String> expected = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            // Around the newest, as most are, or anywhere.
            long number = random.nextInt(4) == 0 ? random.nextLong() % spread : step + random.nextInt(100);
            if (random.nextInt(3) == 0) {
                expected.remove(number);
                values.remove(number);
            } else {
                expected.put(number, "value " + step);
                values.put(number, "value " + step);
            }
            assertThat(values.get(number)).isEqualTo(expected.get(number));
            assertThat(values.contains(number)).isEqualTo(expected.containsKey(number));
            assertThat(values.isEmpty()).isEqualTo(expected.isEmpty());
        }
        expected.forEach((number, value) -> assertThat(values.get(number)).isEqualTo(value));
        expected.keySet().forEach(values::remove);
        assertThat(values.isEmpty()).isTrue();
    }

    @Test
    void isEmptyOnceCleared() {
        values.put(7, "seven");
        values.clear();
        assertThat(values.isEmpty()).isTrue();
        assertThat(values.get(7)).isNull();
        values.put(8, "eight");
        assertThat(values.get(7)).isNull();
        assertThat(values.get(8)).isEqualTo("eight");
    }
}

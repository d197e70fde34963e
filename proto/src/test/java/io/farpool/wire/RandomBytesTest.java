package io.farpool.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomBytesTest {
    @Test
    void areAsManyAsWantedAndNeverTheSame() {
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            assertThat(RandomBytes.take(i % 40)).hasSize(i % 40);
            assertThat(seen.add(RandomBytes.nextLong())).isTrue();
        }
    }

    @Test
    void comeFromTheJdkWhereThereIsNoSuchDevice() {
        byte[] some = RandomBytes.take("/dev/there-is-no-such-device", 32);
        assertThat(some).hasSize(32).isNotEqualTo(new byte[32]);
    }

    @Test
    void comeFromTheJdkWhereTheDeviceHasNone() {
        byte[] some = RandomBytes.take("/dev/null", 32);
        assertThat(some).hasSize(32).isNotEqualTo(new byte[32]);
    }
}

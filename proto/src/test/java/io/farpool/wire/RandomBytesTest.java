package io.farpool.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void comeFromTheDevice(@TempDir Path directory) throws IOException {
        byte[] known = new byte[40];
        Arrays.fill(known, (byte) 7);
        Path device = Files.write(directory.resolve("device"), known);
        assertThat(RandomBytes.take(device.toString(), 32)).isEqualTo(Arrays.copyOf(known, 32));
    }

    @Test
    void comeFromTheJdkWhereTheDeviceHasTooFew(@TempDir Path directory) throws IOException {
        byte[] known = new byte[40];
        Path device = Files.write(directory.resolve("device"), known);
        assertThat(Arrays.copyOf(RandomBytes.take(device.toString(), 64), 40)).isNotEqualTo(known);
    }

    @Test
    void comeFromTheJdkWhereThereIsNoSuchDevice() {
        byte[] some = RandomBytes.take("/dev/there-is-no-such-device", 32);
        assertThat(some).hasSize(32).isNotEqualTo(new byte[32]);
    }
}

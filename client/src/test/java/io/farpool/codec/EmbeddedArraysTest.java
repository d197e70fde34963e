package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Serializable;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Arrays inside objects that Java serialization writes. */
class EmbeddedArraysTest {
    /** With a hook, and arrays of any length. */
    static final class Table implements Serializable {
        private static final long serialVersionUID = 1L;

        final byte[] bytes = new byte[1 << 20];
        final double[][] rows = {new double[200_000], new double[100_000]};

        private Object readResolve() {
            return this;
        }
    }

    @Test
    void areReadHoweverLongTheyAre() {
        Codec codec = new Codec();
        Table table = new Table();
        Arrays.fill(table.bytes, (byte) 7);
        table.rows[1][99_999] = 0.5;
        Table read = (Table) codec.decode(codec.encode(table));
        assertThat(read.bytes).isEqualTo(table.bytes);
        assertThat(read.rows).isDeepEqualTo(table.rows);
    }
}

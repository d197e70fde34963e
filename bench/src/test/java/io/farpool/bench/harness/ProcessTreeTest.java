package io.farpool.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessTreeTest {
    @Test
    void timesAreFoundBehindWhateverTheNameHolds() {
        String stat = "42 (a) b (c) R 1 42 42 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 1 0 100 1000 10";
        assertThat(ProcessTree.ticks(stat)).isEqualTo(11 + 22 + 33 + 44);
    }

    @Test
    void thisProcessHasHadCpuTimeAndMemory() {
        ProcessTree tree = new ProcessTree(ProcessHandle.current());
        assertThat(tree.cpuSeconds()).isPositive();
        assertThat(tree.residentBytes()).isGreaterThan(1 << 20);
    }

    @Test
    void theTotalOfAHistogramIsItsBytes() {
        assertThat(HeapHistogram.total("Total        123456       7890123")).isEqualTo(7_890_123);
        assertThat(HeapHistogram.total("   1:          1000         24000  [B (java.base@17)"))
                .isZero();
    }
}

package io.farpool.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What a test takes for granted, with the reason when it cannot. */
final class Assumed {
    private Assumed() {}

    static void atLeastJava(int release, String what) {
        assumeTrue(
                Runtime.version().feature() >= release,
                what + " came with Java " + release + "; this is Java "
                        + Runtime.version().feature());
    }
}

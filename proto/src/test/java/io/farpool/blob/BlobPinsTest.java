package io.farpool.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.interleaving.Interleavings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who has pinned what, also when several pin and let go at once: in every interleaving, up to a bound. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BlobPinsTest {
    private static final int INTERLEAVINGS = 50;
    private static final BlobDigest A = BlobDigest.ofBytes(new byte[] {1});
    private static final BlobDigest B = BlobDigest.ofBytes(new byte[] {2});

    @Test
    void aBlobIsPinnedUntilAllWhoHavePinnedItHaveLetGo() {
        BlobPins pins = new BlobPins();
        assertThat(pins.add("first", List.of(A, B))).containsExactly(A, B);
        assertThat(pins.add("first", List.of(A))).as("again").isEmpty();
        assertThat(pins.add("second", List.of(A))).containsExactly(A);
        pins.remove("first", List.of(A));
        pins.remove("first", List.of(A));
        assertThat(pins.contains(A)).isTrue();
        pins.removeAll("second");
        assertThat(pins.contains(A)).isFalse();
        assertThat(pins.contains(B)).isTrue();
    }

    @Test
    void whatIsHandedOverIsPinnedByTheOtherAloneBesideItsOwn() {
        BlobPins pins = new BlobPins();
        pins.add("from", List.of(A));
        pins.handOver("from", "to");
        pins.removeAll("from");
        assertThat(pins.contains(A)).isTrue();
        pins.add("from", List.of(A, B));
        pins.handOver("from", "to");
        pins.handOver("nobody", "to");
        assertThat(pins.contains(B)).isTrue();
        pins.removeAll("to");
        assertThat(pins.contains(A)).isFalse();
        assertThat(pins.contains(B)).isFalse();
    }

    @Test
    void holdersThatPinAndLetGoAtOnceCountEachForItself() {
        Interleavings.explore(INTERLEAVINGS, () -> {
            BlobPins pins = new BlobPins();
            Interleavings.together(
                    () -> {
                        pins.add("passing", List.of(A, B));
                        pins.removeAll("passing");
                    },
                    () -> pins.add("staying", List.of(A)));
            Interleavings.require(pins.contains(A) && !pins.contains(B), "pins lost, or left");
            pins.removeAll("staying");
            Interleavings.require(!pins.contains(A), "a pin of nobody's");
        });
    }

    @Test
    void aHolderThatPinsTheSameTwiceAtOncePinsItOnce() {
        Interleavings.explore(INTERLEAVINGS, () -> {
            BlobPins pins = new BlobPins();
            boolean[] added = new boolean[2];
            Interleavings.together(
                    () -> added[0] = !pins.add("holder", List.of(A)).isEmpty(),
                    () -> added[1] = !pins.add("holder", List.of(A)).isEmpty());
            Interleavings.require(added[0] != added[1], "the same pin added twice, or never");
            pins.remove("holder", List.of(A));
            Interleavings.require(!pins.contains(A), "a pin of nobody's");
        });
    }

    @Test
    void thereIsNoMomentWithoutAPinWhileItIsHandedOver() {
        Interleavings.explore(INTERLEAVINGS, () -> {
            BlobPins pins = new BlobPins();
            pins.add("open", List.of(A));
            boolean[] seen = new boolean[1];
            Interleavings.together(() -> pins.handOver("open", "session"), () -> seen[0] = pins.contains(A));
            Interleavings.require(seen[0], "a moment without a pin");
        });
    }

    @Test
    void aSessionThatEndsWhileItIsGivenAnothersPinsLeavesNoneOfItsOwn() {
        Interleavings.explore(INTERLEAVINGS, () -> {
            BlobPins pins = new BlobPins();
            pins.add("session", List.of(A));
            pins.add("open", List.of(A, B));
            Interleavings.together(() -> pins.handOver("open", "session"), () -> pins.removeAll("session"));
            Interleavings.require(pins.contains(A) == pins.contains(B), "one of two that were pinned together");
            pins.removeAll("session");
            Interleavings.require(!pins.contains(A) && !pins.contains(B), "a pin of nobody's");
        });
    }
}

package io.farpool.worker.payload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private final Places places = new Places(3, 2);
    private final List<String> begun = new ArrayList<>();

    @Test
    void soManyBeginAndTheOthersWaitTheirTurn() {
        enter("a", "a1");
        enter("b", "b1");
        enter("a", "a2");
        enter("b", "b2");
        enter("c", "c1");
        assertThat(begun).containsExactly("a1", "b1", "a2");
        assertThat(places.waiting()).isEqualTo(2);
        places.leave("a");
        assertThat(begun).as("who has none comes before who has one").endsWith("c1");
        places.leave("a");
        assertThat(begun).endsWith("b2");
        assertThat(places.waiting()).isZero();
    }

    @Test
    void sessionsThatNeverLeaveDoNotHoldUpAThird() {
        Places many = new Places(8, 4);
        for (String slow : List.of("a", "b")) {
            for (int i = 0; i < 10; i++) {
                many.enter(slow, () -> begun.add(slow));
            }
        }
        assertThat(begun).hasSize(6);
        for (int i = 0; i < 20; i++) {
            many.enter("c", () -> begun.add("c"));
        }
        for (int i = 0; i < 20; i++) {
            assertThat(begun.stream().filter("c"::equals)).hasSize(i + 1);
            many.leave("c");
        }
        many.enter("d", () -> begun.add("d"));
        many.enter("c", () -> begun.add("c"));
        assertThat(begun).endsWith("d", "c");
        assertThat(many.waiting()).isEqualTo(20 - 6);
    }

    @Test
    void aSessionWithAllItsPlacesTakenIsOvertaken() {
        enter("a", "a1");
        enter("a", "a2");
        enter("a", "a3");
        enter("b", "b1");
        assertThat(begun).containsExactly("a1", "a2", "b1");
        places.leave("b");
        assertThat(begun).hasSize(3);
        places.leave("a");
        assertThat(begun).endsWith("a3");
    }

    @Test
    void oneThatDoesNotBeginLeavesItsPlaceToTheNext() {
        for (int i = 0; i < 100_000; i++) {
            places.enter("a", () -> false);
        }
        enter("a", "a1");
        assertThat(begun).containsExactly("a1");
        assertThat(places.waiting()).isZero();
    }

    @Test
    void oneThatIsWithdrawnDoesNotBegin() {
        enter("a", "a1");
        enter("a", "a2");
        BooleanSupplier third = () -> begun.add("a3");
        places.enter("a", third);
        places.withdraw("a", third);
        places.leave("a");
        assertThat(begun).containsExactly("a1", "a2");
    }

    private void enter(String session, String name) {
        places.enter(session, () -> begun.add(name));
    }
}

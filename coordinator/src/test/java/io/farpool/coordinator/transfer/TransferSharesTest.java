package io.farpool.coordinator.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TransferSharesTest {
    private final TransferShares<String> shares = new TransferShares<>(12);

    private TransferShares<String>.Place taken(String holder, long amount) {
        TransferShares<String>.Place place = shares.take(holder, amount);
        assertThat(place).as("%s for %s", amount, holder).isNotNull();
        return place;
    }

    private int takeAll(String holder) {
        int places = 0;
        while (shares.take(holder, 1) != null) {
            places++;
        }
        return places;
    }

    @Test
    void aloneAHolderHasHalfAndOthersFindSomeFree() {
        assertThat(takeAll("a")).isEqualTo(6);
        assertThat(takeAll("b")).isEqualTo(3);
        assertThat(takeAll("c")).isEqualTo(2);
        assertThat(takeAll("d")).isEqualTo(1);
        assertThat(takeAll("e")).as("all there is has been taken").isZero();
        assertThat(shares.places()).isEqualTo(12);
    }

    @Test
    void whatIsLeftOnceCanBeTakenAgain() {
        TransferShares<String>.Place place = taken("a", 5);
        assertThat(shares.take("a", 3)).isNull();
        place.leave();
        place.leave();
        assertThat(shares.taken()).isZero();
        assertThat(shares.held("a")).isZero();
        assertThat(shares.places()).isZero();
        assertThat(takeAll("a")).isEqualTo(6);
    }

    @Test
    void aTransferMayTurnOutToTakeLessOrMoreIfThereIsRoom() {
        TransferShares<String>.Place place = taken("a", 2);
        taken("b", 2);
        assertThat(place.change(5)).isTrue();
        assertThat(place.change(11)).isFalse();
        assertThat(shares.held("a")).as("what it had").isEqualTo(5);
        assertThat(place.change(1)).isTrue();
        assertThat(shares.taken()).isEqualTo(3);
        place.leave();
        assertThat(place.change(1)).isFalse();
        assertThat(shares.taken()).isEqualTo(2);
    }

    @Test
    void theOnlyTransferThereIsIsAdmittedWhateverItTakes() {
        TransferShares<String>.Place place = taken("a", 1);
        assertThat(place.change(100)).isTrue();
        assertThat(shares.take("b", 1)).isNull();
        place.leave();
        taken("b", 100);
    }
}

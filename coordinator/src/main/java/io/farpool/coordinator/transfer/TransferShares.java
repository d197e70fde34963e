package io.farpool.coordinator.transfer;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Room for transfers, in any unit, and who has how much of it. One more transfer of a holder is admitted while no less is free than
 * the holder has with it: alone it may have half of all, of two that want more than there is each a third, and one that has
 * none finds some free. So a holder whose transfers do not get on holds up nobody else. A transfer that would be the only one
 * is admitted whatever it takes. Thread-safe.
 *
 * @param <H> whom transfers belong to
 */
public final class TransferShares<H> {
    private final long most;
    private long taken;
    private int places;
    /** Of those who have any. */
    private final Map<H, Long> held = new HashMap<>();

    /** @param most that all transfers may take together */
    public TransferShares(long most) {
        this.most = most;
    }

    /** What one transfer has. */
    public final class Place {
        private final H holder;
        private long amount;
        private boolean left;

        private Place(H holder, long amount) {
            this.holder = holder;
            this.amount = amount;
        }

        /** It takes more now, or less. False if there is no room for that, or it has been left; then it has what it had. */
        public boolean change(long newAmount) {
            synchronized (TransferShares.this) {
                if (left) {
                    return false;
                }
                give(holder, amount);
                boolean fits = newAmount <= amount || fits(holder, newAmount);
                amount = fits ? newAmount : amount;
                add(holder, amount);
                return fits;
            }
        }

        /** The transfer is over. Once is enough. */
        public void leave() {
            synchronized (TransferShares.this) {
                if (!left) {
                    left = true;
                    places--;
                    give(holder, amount);
                }
            }
        }
    }

    /** For one more transfer, to be {@linkplain Place#leave left} in the end; null if there is no room for it. */
    @Nullable
    public synchronized Place take(H holder, long amount) {
        if (!fits(holder, amount)) {
            return null;
        }
        places++;
        add(holder, amount);
        return new Place(holder, amount);
    }

    private synchronized boolean fits(H holder, long amount) {
        return taken == 0 || held(holder) + amount <= most - taken;
    }

    private synchronized void add(H holder, long amount) {
        taken += amount;
        held.merge(holder, amount, Long::sum);
    }

    private synchronized void give(H holder, long amount) {
        taken -= amount;
        held.computeIfPresent(holder, (same, has) -> has == amount ? null : Long.valueOf(has - amount));
    }

    /** How much one holder has. */
    public synchronized long held(H holder) {
        return held.getOrDefault(holder, 0L);
    }

    /** How much all have together. */
    public synchronized long taken() {
        return taken;
    }

    /** What all may have together. */
    public long most() {
        return most;
    }

    /** How many transfers have some. */
    public synchronized int places() {
        return places;
    }
}

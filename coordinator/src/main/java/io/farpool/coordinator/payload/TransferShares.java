package io.farpool.coordinator.payload;

import io.farpool.proto.v1.ReceiveRequest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many payloads are relayed at once, of all sessions and of each, either way. One more of a session is admitted while
 * more places are free than it has: alone it may have half of them, of two that want more than there is each a third, and
 * one that has none finds one free. So a session whose client does not send what is asked of it holds up nobody else, nor
 * its own results. Thread-safe.
 */
final class TransferShares {
    /** Whose places they are. */
    private record Holder(String sessionId, ReceiveRequest.ReceiverCase direction) {
        static Holder of(ReceiveRequest request) {
            return new Holder(request.getSessionId(), request.getReceiverCase());
        }
    }

    private final int most;
    private int taken;
    /** Those who have any. */
    private final Map<Holder, Integer> places = new HashMap<>();

    TransferShares(int most) {
        this.most = most;
    }

    synchronized int taken() {
        return taken;
    }

    /** Takes a place, to be {@linkplain #leave left} once; null if it was taken, else why it was not. */
    @Nullable
    synchronized String take(ReceiveRequest request) {
        Holder holder = Holder.of(request);
        int held = places.getOrDefault(holder, 0);
        if (held >= most - taken) {
            return taken + " of at most " + most + " payloads are being relayed already, " + held
                    + " of them of this session in this direction; try again";
        }
        taken++;
        places.put(holder, held + 1);
        return null;
    }

    synchronized void leave(ReceiveRequest request) {
        taken--;
        Holder holder = Holder.of(request);
        int left = places.getOrDefault(holder, 0) - 1;
        if (left > 0) {
            places.put(holder, left);
        } else {
            places.remove(holder);
        }
    }
}

package io.farpool.session;

import io.farpool.proto.v1.OutcomeOffer;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.session.SessionCore.Offer;

/**
 * The outcomes whose large payloads are at their hosts, and are fetched from there: which is offered for which task, and when it
 * has been taken. Not thread-safe, as the core it belongs to.
 */
final class Offers {
    private final PendingTasks pending;
    private final Outbox outbox;
    private final SessionCore.Effects effects;

    Offers(PendingTasks pending, Outbox outbox, SessionCore.Effects effects) {
        this.pending = pending;
        this.outbox = outbox;
        this.effects = effects;
    }

    /** @param epoch the coordinator's who offers it */
    void offered(OutcomeOffer offered, long epoch) {
        TaskFuture<?> future = pending.get(offered.getSequence());
        if (future == null || future.isWithdrawn()) {
            return; // it is done, or its cancel follows
        }
        PayloadReference reference = Outcomes.payloadOf(offered.getOutcome()).getReference();
        Offer offer = new Offer(epoch, offered.getAttempt(), reference);
        future.offered(offer);
        if (future.hasOutcome(reference)) {
            outbox.take(offer.attempt());
        } else {
            effects.receive(future, offer);
        }
    }

    /** It has been received, and is kept with the future. */
    void received(TaskFuture<?> future, Offer offer) {
        if (!isWanted(future)) {
            future.dropOutcome();
        } else if (offer.equals(future.offer())) {
            outbox.take(offer.attempt());
        }
        // Else it is another that is offered now, or none: this one may yet turn out to be the same.
    }

    /** Whether the task's end waits for just this. */
    boolean isAwaited(TaskFuture<?> future, Offer offer) {
        return isWanted(future) && offer.equals(future.offer());
    }

    /** Whether anybody waits for the task. */
    boolean isWanted(TaskFuture<?> future) {
        return pending.get(future.sequence()) == future && !future.isWithdrawn();
    }

    /** What was offered for this task is wanted no more. */
    void stop(TaskFuture<?> future) {
        if (future.offer() != null) {
            future.offersNothing();
            effects.stopReceiving(future);
        }
    }

    /** Nothing that was offered is wanted any more. */
    void stopAll() {
        pending.all().forEach(TaskFuture::offersNothing);
        effects.stopReceiving();
    }
}

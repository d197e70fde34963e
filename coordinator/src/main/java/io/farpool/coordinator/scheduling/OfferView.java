package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.PayloadReference;

/**
 * An outcome that waits for its client to take its payload.
 *
 * @param sequence of its task
 * @param host where the payload is
 * @param payloadBytes how large it is
 */
public record OfferView(long sequence, String host, long payloadBytes) {

    static OfferView of(Attempt offered) {
        Outcome outcome = offered.offer == null ? Outcome.getDefaultInstance() : offered.offer;
        PayloadReference reference = outcome.hasResult()
                ? outcome.getResult().getReference()
                : outcome.getFailure().getException().getReference();
        return new OfferView(offered.task.sequence, offered.share.host.name, reference.getSizeBytes());
    }
}

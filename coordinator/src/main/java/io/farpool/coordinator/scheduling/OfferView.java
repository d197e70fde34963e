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
        return new OfferView(offered.task.sequence, offered.share.host.name, payloadBytes(outcome));
    }

    static long payloadBytes(Outcome offered) {
        PayloadReference reference = offered.hasResult()
                ? offered.getResult().getReference()
                : offered.getFailure().getException().getReference();
        return reference.getSizeBytes();
    }
}

package io.farpool.blob;

import io.grpc.Status;

/** Of what calls for blobs end with, what another try may mend. */
public final class PassingStatus {
    private PassingStatus() {}

    /** The way there is broken, or the other side is away or busy. Its store or disk being full, or its disk failing, does not pass. */
    public static boolean includes(Status.Code code) {
        return switch (code) {
            case UNAVAILABLE, ABORTED, CANCELLED, DEADLINE_EXCEEDED, INTERNAL -> true;
            case OK,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    DATA_LOSS,
                    UNAUTHENTICATED -> false;
        };
    }
}

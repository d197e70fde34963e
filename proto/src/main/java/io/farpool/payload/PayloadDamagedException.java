package io.farpool.payload;

import java.io.IOException;

/** A payload's bytes are not the ones that were sent. Sending them again may help. */
public final class PayloadDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    PayloadDamagedException(String message) {
        super(message);
    }
}

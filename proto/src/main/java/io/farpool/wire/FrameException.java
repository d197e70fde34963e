package io.farpool.wire;

import java.io.IOException;

/**
 * What came over a socket is not a frame: its length or its message is malformed, or it is larger than agreed. Or it is not the frame that
 * is due. Final for that socket.
 */
public final class FrameException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param message what came, and what was expected */
    public FrameException(String message) {
        super(message);
    }

    FrameException(String message, Throwable cause) {
        super(message, cause);
    }
}

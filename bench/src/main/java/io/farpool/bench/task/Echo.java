package io.farpool.bench.task;

import java.io.Serializable;
import java.util.concurrent.Callable;

/** Gives back the bytes it was sent with. */
public final class Echo implements Callable<byte[]>, Serializable {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    /** See the class. */
    public Echo(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public byte[] call() {
        return bytes;
    }
}

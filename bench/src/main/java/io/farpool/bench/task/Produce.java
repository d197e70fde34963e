package io.farpool.bench.task;

import java.io.Serializable;
import java.util.concurrent.Callable;

/** Makes a result of so many bytes. */
public final class Produce implements Callable<byte[]>, Serializable {
    private static final long serialVersionUID = 1L;

    private final int bytes;

    /** See the class. */
    public Produce(int bytes) {
        this.bytes = bytes;
    }

    @Override
    public byte[] call() {
        return new byte[bytes];
    }
}

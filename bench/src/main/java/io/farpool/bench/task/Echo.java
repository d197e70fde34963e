package io.farpool.bench.task;

import java.io.Serializable;
import java.util.concurrent.Callable;

/** Gives back the bytes it was sent with. */
public record Echo(byte[] bytes) implements Callable<byte[]>, Serializable {
    @Override
    public byte[] call() {
        return bytes;
    }
}

package io.farpool.bench.task;

import java.io.Serializable;
import java.util.concurrent.Callable;

/** Makes a result of so many bytes. */
public record Produce(int bytes) implements Callable<byte[]>, Serializable {
    @Override
    public byte[] call() {
        return new byte[bytes];
    }
}

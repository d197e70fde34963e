package io.farpool.bench.task;

import java.io.Serializable;
import java.util.concurrent.Callable;

/** Gives back the number it was made with. */
public record NoOp(long number) implements Callable<Long>, Serializable {
    @Override
    public Long call() {
        return number;
    }
}

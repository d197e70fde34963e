package io.farpool.bench.task;

import java.io.Serializable;
import java.util.concurrent.Callable;

/** Gives back the number it was made with. */
public final class NoOp implements Callable<Long>, Serializable {
    private static final long serialVersionUID = 1L;

    private final long number;

    /** See the class. */
    public NoOp(long number) {
        this.number = number;
    }

    @Override
    public Long call() {
        return number;
    }
}

package io.farpool;

import java.io.Serializable;

/**
 * A function of two arguments that can be shipped to another process: {@code pool.submit(Calc::pow, 2, 8)}.
 *
 * @param <A> the type of the first argument
 * @param <B> the type of the second argument
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface RemoteBiFunction<A, B, R> extends Serializable {
    /**
     * Computes the result.
     *
     * @param first the first argument; may be null if the caller's was
     * @param second the second argument; may be null if the caller's was
     * @return the result; may be null
     * @throws Exception whatever the function likes; it becomes the task's failure
     */
    R apply(A first, B second) throws Exception;
}

package io.farpool;

import java.io.Serializable;

/**
 * A function of one argument that can be shipped to another process: {@code pool.submit(Primes::isPrime, 1000003L)}.
 *
 * @param <A> the type of the argument
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface RemoteFunction<A, R> extends Serializable {
    /**
     * Computes the result.
     *
     * @param argument the argument; may be null if the caller's was
     * @return the result; may be null
     * @throws Exception whatever the function likes; it becomes the task's failure
     */
    R apply(A argument) throws Exception;
}

package io.farpool;

import java.io.Serializable;
import java.util.concurrent.Callable;

/**
 * A {@link Callable} that can be shipped to another process.
 *
 * <p>A lambda or method reference given where this is expected is serializable without a cast, and so is what it captures
 * if that can be serialized: {@code pool.submit(() -> simulate(seed))}.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface RemoteCallable<T> extends Callable<T>, Serializable {}

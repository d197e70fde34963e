package io.farpool;

import java.io.Serializable;

/**
 * A {@link Runnable} that can be shipped to another process: {@code pool.execute(() -> render(frame))}.
 *
 * <p>What it changes in memory it changes in the process that runs it, and nowhere else.
 */
@FunctionalInterface
public interface RemoteRunnable extends Runnable, Serializable {}

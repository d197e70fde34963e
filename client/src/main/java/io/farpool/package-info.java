/**
 * What users of Farpool import, and nothing else: executors, futures, options and exceptions.
 *
 * <p>{@link io.farpool.PoolExecutor} is where to start: it is Python's {@code concurrent.futures.Executor} and Java's
 * {@link java.util.concurrent.ExecutorService} at once. Its tasks run in processes, on this machine or on a cluster, or in
 * threads ({@link io.farpool.ThreadPoolExecutor}). Submitting gives a {@link io.farpool.PoolFuture}; {@link
 * io.farpool.Futures} waits for many. Nothing in this package takes or returns {@code null} unless it says so; a task's
 * arguments and result may always be {@code null}.
 */
@NullMarked
package io.farpool;

import org.jspecify.annotations.NullMarked;

/** Waiting for many sockets on one thread: one of its own, or one that waits for others already. */
@NullMarked
package io.farpool.worker.socket;

import org.jspecify.annotations.NullMarked;

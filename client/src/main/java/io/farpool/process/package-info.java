/**
 * What runs inside a worker process: it reads tasks from its daemon's socket, runs them one at a time on one thread, and
 * writes their outcomes back. Started by the daemon with the session's own class path; {@link
 * io.farpool.process.WorkerProcess} is its main class.
 */
@NullMarked
package io.farpool.process;

import org.jspecify.annotations.NullMarked;

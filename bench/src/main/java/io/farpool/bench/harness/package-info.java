/** Starts the systems' processes, measures them in rotation, and keeps what came of it. */
@NullMarked
package io.farpool.bench.harness;

import org.jspecify.annotations.NullMarked;

/** Farpool measured beside what would be used instead of it, and beside the floor. {@link io.farpool.bench.Bench} is the command. */
@NullMarked
package io.farpool.bench;

import org.jspecify.annotations.NullMarked;

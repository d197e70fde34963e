/** A real coordinator under many hosts that have no processes. */
@NullMarked
package io.farpool.bench.scale;

import org.jspecify.annotations.NullMarked;

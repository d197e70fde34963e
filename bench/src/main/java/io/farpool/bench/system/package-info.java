/** Farpool and its peers behind one small interface, and the servers they need. */
@NullMarked
package io.farpool.bench.system;

import org.jspecify.annotations.NullMarked;

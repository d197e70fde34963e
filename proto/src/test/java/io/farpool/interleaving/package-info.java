/** Running concurrent code in many interleavings. */
@NullMarked
package io.farpool.interleaving;

import org.jspecify.annotations.NullMarked;

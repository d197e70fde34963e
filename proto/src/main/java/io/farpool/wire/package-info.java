/**
 * What both ends of a conversation share besides the generated messages: versions, limits, frames, random bytes, the serial queue
 * that every core is driven by, and the executor of what blocks.
 */
@NullMarked
package io.farpool.wire;

import org.jspecify.annotations.NullMarked;

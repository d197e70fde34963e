/**
 * What both ends of a conversation share besides the generated messages: versions, limits, frames, random bytes, and the serial
 * queue that every core is driven by.
 */
@NullMarked
package io.farpool.wire;

import org.jspecify.annotations.NullMarked;

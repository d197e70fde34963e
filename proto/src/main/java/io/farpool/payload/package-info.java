/**
 * Large payloads, outside messages: files that hold their bytes, and their way from one machine to another, chunk by chunk
 * and no faster than the receiver takes them. What a payload is named by, and who asks whom for it, is in payloads.proto.
 */
@NullMarked
package io.farpool.payload;

import org.jspecify.annotations.NullMarked;

/**
 * Objects to bytes and back, with Kryo.
 *
 * <p>{@link io.farpool.codec.Codec} is the way in. {@link io.farpool.codec.SerializerChoice} decides, once for each class,
 * how its objects are written; {@link io.farpool.codec.Refusals} lists what is never shipped, and why. Both ends of a
 * conversation run the same code with the same class path, so nothing here is a storage format: bytes are read by the version
 * that wrote them, and only in clients and worker processes.
 */
@NullMarked
package io.farpool.codec;

import org.jspecify.annotations.NullMarked;

/**
 * The coordinator's side of {@code payloads.proto}: large payloads on their way between clients and hosts, chunk by chunk as
 * the receiver takes them. Nothing of them is kept here.
 */
@NullMarked
package io.farpool.coordinator.payload;

import org.jspecify.annotations.NullMarked;

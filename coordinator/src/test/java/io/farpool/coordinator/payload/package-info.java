/** Tests of the relay of large payloads. */
@NullMarked
package io.farpool.coordinator.payload;

import org.jspecify.annotations.NullMarked;

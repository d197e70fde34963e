/** How transfers share what there is of room for them, so that nobody who takes much keeps out everybody else. */
@NullMarked
package io.farpool.coordinator.transfer;

import org.jspecify.annotations.NullMarked;

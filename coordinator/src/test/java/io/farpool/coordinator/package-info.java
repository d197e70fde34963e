/** Tests of the coordinator as a whole, and of its walls. */
@NullMarked
package io.farpool.coordinator;

import org.jspecify.annotations.NullMarked;

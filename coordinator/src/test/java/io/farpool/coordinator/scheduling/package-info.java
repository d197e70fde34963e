/** Tests of the scheduling core: its rules one by one, and all of it in a seeded simulation. */
@NullMarked
package io.farpool.coordinator.scheduling;

import org.jspecify.annotations.NullMarked;

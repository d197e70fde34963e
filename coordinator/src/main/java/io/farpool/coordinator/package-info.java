/**
 * The coordinator: what clients submit to and hosts attach to. {@link io.farpool.coordinator.Coordinator} is all of
 * it without a
 * transport, as an embedded pool uses it; {@link io.farpool.coordinator.CoordinatorServer} puts it behind a port.
 */
@NullMarked
package io.farpool.coordinator;

import org.jspecify.annotations.NullMarked;

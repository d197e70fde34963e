/**
 * The pure core of the coordinator: which session gets which slots, and which task runs where. Events and the time go
 * in,
 * decisions come out; there are no threads, no clock and no I/O here, so that a seeded simulation can drive all of it.
 *
 * <p>Two levels. {@code Allocation} grants slots of hosts to sessions, as quotas of worker processes: rarely, fairly,
 * and only
 * once the former holder has confirmed giving a slot up. {@code Dispatch} hands a session's tasks to the slots it
 * has: often, cheaply, and
 * a little ahead of need. {@link io.farpool.coordinator.scheduling.Scheduler} is the way in.
 */
@NullMarked
package io.farpool.coordinator.scheduling;

import org.jspecify.annotations.NullMarked;

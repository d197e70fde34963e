/** The real cores of client, coordinator and host, joined by a simulated network on virtual time, with faults that a seed decides. */
@NullMarked
package io.farpool.simulation;

import org.jspecify.annotations.NullMarked;

/** Large payloads on a host: tasks' fetched from the coordinator into files, outcomes' sent from them when they are asked for. */
@NullMarked
package io.farpool.worker.payload;

import org.jspecify.annotations.NullMarked;

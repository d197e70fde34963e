/** Launching worker processes, talking to them, and ending them: everything the host core decides and must not do itself. */
@NullMarked
package io.farpool.worker.process;

import org.jspecify.annotations.NullMarked;

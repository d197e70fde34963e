/**
 * The pure host core: which worker process exists, and which runs what. Events and the time go in, decisions come out; no
 * threads, clock, files or transport.
 */
@NullMarked
package io.farpool.worker.hosting;

import org.jspecify.annotations.NullMarked;

/**
 * The pure host core: which worker process exists, and which runs what. Events and the time go in, decisions come out; no
 * threads, clock, files or transport.
 *
 * <p>{@link HostCore} is the door and says which part hears which event. The parts (named in the plural or for what they
 * do: Attempts, Sessions, Processes, Deaths, Attachment, Watch, Recycling, Drain, Dispatch, ProcessRoom) know what to do; what they do
 * it to (Attempt, HostedSession, HostedProcess) and what they gather (Reports, Outcomes, Held) they share by HostState.
 */
@NullMarked
package io.farpool.worker.hosting;

import org.jspecify.annotations.NullMarked;

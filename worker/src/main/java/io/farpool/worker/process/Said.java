package io.farpool.worker.process;

import io.farpool.proto.v1.FromProcess;

/**
 * One frame of a process whose token has been checked.
 *
 * @param process the daemon's own number for it
 */
public record Said(long process, FromProcess message) {}

package io.farpool.worker.hosting;

import io.farpool.proto.v1.ProcessSpec;
import java.util.List;

/**
 * What a worker process is started with: those of the same kind can stand for each other until they are told their session.
 *
 * @param spec what its session wants
 * @param classPath its entries, absolute
 * @param runtimeEntries how many of the first of them are Farpool's own; 0: not told apart
 */
public record ProcessKind(ProcessSpec spec, List<String> classPath, int runtimeEntries) {}

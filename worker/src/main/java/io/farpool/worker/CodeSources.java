package io.farpool.worker;

import io.farpool.worker.process.ClassDataArchives;
import io.farpool.worker.process.ClassPathSource;
import io.farpool.worker.process.SharedSource;

/**
 * Where a host's worker processes get their code, and what goes with it.
 *
 * @param classPaths of sessions
 * @param sharedValues that their tasks read
 * @param archives of class data, for processes to start with; closed with the worker
 */
public record CodeSources(ClassPathSource classPaths, SharedSource sharedValues, ClassDataArchives archives) {
    /** No more than class paths. */
    public static CodeSources of(ClassPathSource classPaths) {
        return new CodeSources(classPaths, SharedSource.NONE, ClassDataArchives.none());
    }
}

package io.farpool.worker.hosting;

import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.ToProcess;
import java.util.List;

/** What the host core wants done. Decisions are to be carried out in the order they come in. */
public sealed interface HostDecision {

    /** Make the session's class path available; answered by classPathResolved or classPathFailed. */
    record ResolveClassPath(String sessionId, Bundle bundle) implements HostDecision {}

    /** No process of the session needs its class path any more. */
    record ReleaseClassPath(String sessionId) implements HostDecision {}

    /**
     * Start a worker process; answered by its hello or notLaunched, and in the end by exited.
     *
     * @param runtimeEntries how many of the class path's first entries are Farpool's own; 0: not told apart
     */
    record Launch(long process, String sessionId, ProcessSpec spec, List<String> classPath, int runtimeEntries)
            implements HostDecision {}

    /** Send a frame to a process. One that has gone misses it. */
    record Send(long process, ToProcess message) implements HostDecision {}

    /** Kill a process and its whole group, now; answered by exited. */
    record Kill(long process) implements HostDecision {}

    /** Send a report on the attach stream. */
    record Tell(Report report) implements HostDecision {}

    /** The host drains, and nothing is left on it: no attempt, and no outcome that is not acknowledged. Told once. */
    record Drained() implements HostDecision {}
}

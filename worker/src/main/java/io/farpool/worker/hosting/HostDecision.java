package io.farpool.worker.hosting;

import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.ToProcess;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the host core wants done. Decisions are to be carried out in the order they come in. */
public sealed interface HostDecision {

    /** Make the session's class path available, or see that it still is; answered by classPathResolved or classPathFailed. */
    record ResolveClassPath(String sessionId, Bundle bundle) implements HostDecision {}

    /** No process of the session needs its class path any more. */
    record ReleaseClassPath(String sessionId) implements HostDecision {}

    /**
     * Have this shared value's file on this host, and send the process a BlobFile: where it is, or why it cannot be had.
     *
     * @param keep it is to stay until it is released; false: it has been, and only a task that nobody waits for reads it
     */
    record FetchShared(String sessionId, long process, Digest digest, boolean keep) implements HostDecision {}

    /** No task of the session needs these shared values any more. */
    record ReleaseShared(String sessionId, List<Digest> digests) implements HostDecision {}

    /**
     * Start a worker process; answered by its hello or notLaunched, and in the end by exited.
     *
     * @param sessionId for the log; empty for one that no session has yet
     */
    record Launch(long process, String sessionId, ProcessKind kind) implements HostDecision {}

    /** One that was launched for no session is this one's now, and what it has printed may be told. */
    record Assign(long process, String sessionId) implements HostDecision {}

    /** Send a frame to a process. One that has gone misses it. */
    record Send(long process, ToProcess message) implements HostDecision {}

    /** Kill a process and its whole group, now; answered by exited. */
    record Kill(long process) implements HostDecision {}

    /**
     * Bring a task's payload, or with sequence 0 its session's initializer, into a file on this host; answered by
     * payloadFetched or payloadFailed.
     *
     * @param fetch what it is answered and dropped by
     */
    record FetchPayload(long fetch, String sessionId, long sequence, PayloadReference reference)
            implements HostDecision {}

    /** Nobody needs it any more: end the fetch, or remove its file. Not decided for one that has failed. */
    record DropPayload(long fetch) implements HostDecision {}

    /** Nobody needs an outcome's payload any more: remove its file. */
    record RemoveFile(String path) implements HostDecision {}

    /**
     * Send an outcome's payload to whoever waits for the transfer; answered by outcomeUnreadable if there is no such file, or it
     * cannot be read.
     *
     * @param file null: it is not here (any more)
     */
    record SendPayload(long transfer, String sessionId, long attempt, @Nullable PayloadReference file)
            implements HostDecision {}

    /** Send a report on the attach stream. */
    record Tell(Report report) implements HostDecision {}

    /** The host drains, and nothing is left on it: no attempt, and no outcome that is not acknowledged. Told once. */
    record Drained() implements HostDecision {}
}

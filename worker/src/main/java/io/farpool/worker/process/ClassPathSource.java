package io.farpool.worker.process;

import io.farpool.proto.v1.Bundle;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Makes a session's class path available on this host. Thread-safe. */
public interface ClassPathSource {

    /**
     * Finds or fetches what the bundle names. Called again after a failure, when there is demand again.
     *
     * @return the entries, absolute, in the bundle's order, which stay there until released; or an exception whose message
     *     says what could not be had
     */
    CompletionStage<List<Path>> resolve(String sessionId, Bundle bundle);

    /** No process of the session is left, and none will be started any more: what it needed may be evicted. */
    default void release(String sessionId) {}
}

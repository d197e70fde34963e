package io.farpool.worker.process;

import io.farpool.proto.v1.Bundle;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where a session's class path comes from: a host's blob cache, or, embedded, the client's own files where they are. */
public interface ClassPathSource {
    /**
     * Makes a bundle's entries files on this host.
     *
     * @return the class path, in the bundle's order; fails with a message that names the entry and the reason
     */
    CompletionStage<List<Path>> resolve(String sessionId, Bundle bundle);
}

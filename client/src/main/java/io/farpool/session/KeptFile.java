package io.farpool.session;

import io.farpool.payload.PayloadFile;
import java.util.concurrent.Executor;

/**
 * A payload's file that this session keeps. When it is not needed any more it is discarded, once, in one of two ways.
 *
 * @param discard removes it, and whatever counted it counts it no more; waits for the disk
 * @param removals does that for those who must not wait
 */
record KeptFile(PayloadFile file, Runnable discard, Executor removals) {
    /** Has it discarded, without waiting for that. */
    void discardLater() {
        removals.execute(discard);
    }
}

package io.farpool.session;

import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.Outcome;

/**
 * Which completions have arrived, and when the coordinator is told so: together with whatever else it is sent, or after a while;
 * at once when there are many. Until then it and the host keep the outcomes. A message of its own for each would go through the
 * three processes that the task's result has come through.
 *
 * <p>Not thread-safe, as the core it belongs to.
 */
final class Acknowledgements {
    /** How long one waits for others, or for a task to go with. */
    static final long WAIT_MILLIS = 200;

    static final int MOST_WAITING = 1_000;
    static final long MOST_WAITING_BYTES = 256 << 10;

    /** What arrives counts so much at least. */
    private static final int OWN_BYTES = 64;

    private long arrived;
    private long told;
    private long waitingBytes;
    private boolean waits;
    private boolean due;

    /** The number up to which completions have arrived. */
    long arrived() {
        return arrived;
    }

    /** Takes the next completion in; false if it has been here before. */
    boolean arrived(Completion completion) {
        if (completion.getNumber() <= arrived) {
            return false; // sent again, because the acknowledgement had not arrived
        }
        arrived = completion.getNumber();
        Outcome outcome = completion.getOutcome();
        waitingBytes += OWN_BYTES
                + (outcome.hasFailure()
                        ? outcome.getSerializedSize()
                        : outcome.getResult().getInline().size());
        return true;
    }

    /** Another coordinator's numbers begin anew. */
    void restart() {
        arrived = 0;
    }

    /** On a new stream nothing has been told. */
    void streamOpened() {
        told = 0;
        due = true;
    }

    /** The time to wait is over. */
    void waitEnds() {
        waits = false;
        due = true;
    }

    /** Whether they should not wait for anything else to be sent. */
    boolean areDue() {
        return arrived > told && (due || arrived - told >= MOST_WAITING || waitingBytes >= MOST_WAITING_BYTES);
    }

    /** What to tell now, as something is being sent; 0 if there is nothing new. */
    long tell() {
        due = false;
        waitingBytes = 0;
        long next = arrived > told ? arrived : 0;
        told = arrived;
        return next;
    }

    /** Whether a wait must begin, which has begun then, for {@link #waitEnds} to end it. */
    boolean beginWait() {
        boolean begins = arrived > told && !waits;
        waits |= begins;
        return begins;
    }
}

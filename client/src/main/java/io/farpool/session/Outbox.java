package io.farpool.session;

import io.farpool.proto.v1.EndNow;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.Task;
import io.farpool.wire.Protocol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the coordinator is to be told next, and the submit stream that it goes out by, while there is one. What the events since
 * the last flush have led to is gathered in one message, or in several of a bounded size. Not thread-safe, as the core it belongs
 * to.
 */
final class Outbox {
    /** A message is sent when it has so many cancels, which keeps it well within its bound. */
    private static final int MOST_CANCELS = 100_000;

    private @Nullable SubmitStream stream;
    private boolean closeSent;

    private SubmitRequest.Builder next = SubmitRequest.newBuilder();
    private boolean nextIsEmpty = true;

    // ------------------------------------------------------------------------------------------------ the stream

    /** Whether there is a stream to send on. */
    boolean isOpen() {
        return stream != null;
    }

    /**
     * Begins a stream, with what the coordinator has to know of the session.
     *
     * @param sent the tasks that any coordinator has been sent
     */
    void open(SubmitStream opened, List<TaskFuture<?>> sent) {
        stream = opened;
        Resumption.send(sent, opened::send);
    }

    /**
     * Gives up the stream and what has not been sent: cancels and acknowledgements are repeated on the next one, grants when they
     * are asked for again.
     */
    void abandon() {
        startNext();
        closeSent = false;
        SubmitStream dropped = stream;
        stream = null;
        if (dropped != null) {
            dropped.abandon();
        }
    }

    /** The session has ended. */
    void finish() {
        if (stream != null) {
            stream.finish();
            stream = null;
        }
    }

    // ------------------------------------------------------------------------------------------------ the message

    /** Without a stream nothing is to be done: the next one begins with all cancels. */
    void cancel(TaskFuture<?> future) {
        if (stream != null) {
            next.addCancels(future.cancelRequest());
            nextIsEmpty = false;
            if (next.getCancelsCount() >= MOST_CANCELS) {
                send(stream);
            }
        }
    }

    void grant(long attempt) {
        next.addGranted(attempt);
        nextIsEmpty = false;
    }

    /** Also when the stream is not there yet, as offers may come before it: this is said on it then. */
    void take(long attempt) {
        next.addTaken(attempt);
        nextIsEmpty = false;
    }

    /** What the coordinator is to keep of shared values, and to forget. Comes before the tasks that need them. */
    void addShared(SharedValues shared) {
        nextIsEmpty &= !shared.tellIn(next);
    }

    /** All tasks that the credit allows. */
    void addTasks(PendingTasks pending) {
        if (stream == null) {
            return;
        }
        long batchBytes = 0;
        for (Task task = pending.sendNext(); task != null; task = pending.sendNext()) {
            next.addTasks(task);
            nextIsEmpty = false;
            batchBytes += task.getPayload().getInline().size();
            if (batchBytes >= Protocol.BATCH_BYTES) {
                send(stream);
                batchBytes = 0;
            }
        }
    }

    /** Completions up to this number have arrived; 0 says nothing. */
    void acknowledge(long completions) {
        if (completions > 0) {
            next.setAcknowledged(completions);
            nextIsEmpty = false;
        }
    }

    /** Whether the next flush would send nothing. */
    boolean isEmpty() {
        return nextIsEmpty;
    }

    /** Whether the coordinator has been told on this stream that the session ends. */
    boolean hasClosed() {
        return closeSent;
    }

    void endNow(EndNow how) {
        next.setEndNow(how);
        closeSent = true;
        nextIsEmpty = false;
    }

    void endWhenDone() {
        next.setWhenDone(true);
        closeSent = true;
        nextIsEmpty = false;
    }

    /** Sends what has been gathered, if there is anything and a stream. */
    void flush() {
        if (stream != null && !nextIsEmpty) {
            send(stream);
        }
    }

    private void send(SubmitStream to) {
        SubmitRequest request = next.build();
        startNext();
        to.send(request);
    }

    private void startNext() {
        next = SubmitRequest.newBuilder();
        nextIsEmpty = true;
    }
}

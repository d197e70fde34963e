package io.farpool.session;

import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.wire.Protocol;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a submit stream begins with: which tasks were sent and have no completion, in as few messages as their bound allows, and then
 * the cancels of those that nobody waits for.
 */
final class Resumption {
    /** The most that an interval, or a cancel, takes in a message. */
    private static final int INTERVAL_BYTES = 24;

    /** What a pending task's message takes besides. */
    private static final int FIELD_BYTES = 4;

    private final Consumer<SubmitRequest> to;
    private SubmitRequest.Builder page = SubmitRequest.newBuilder();
    private int pageBytes;

    private Resumption(Consumer<SubmitRequest> to) {
        this.to = to;
    }

    /**
     * Sends all of it.
     *
     * @param sent in the order of their numbers
     * @param to the stream
     */
    static void send(List<TaskFuture<?>> sent, Consumer<SubmitRequest> to) {
        Resumption resumption = new Resumption(to);
        resumption.pending(sent);
        resumption.cancels(sent);
    }

    private void pending(List<TaskFuture<?>> sent) {
        long first = 0;
        long last = -1;
        for (TaskFuture<?> future : sent) {
            if (future.sequence() != last + 1) {
                interval(first, last);
                first = future.sequence();
            }
            last = future.sequence();
        }
        interval(first, last);
        for (TaskFuture<?> future : sent) {
            PendingTask details = future.asPending();
            if (details != null) {
                room(details.getSerializedSize() + FIELD_BYTES);
                page.addPendingTasks(details);
            }
        }
        page.setPendingComplete(true);
        flush();
    }

    private void interval(long first, long last) {
        if (first <= last) {
            room(INTERVAL_BYTES);
            page.addPending(SequenceInterval.newBuilder().setFirst(first).setLast(last));
        }
    }

    private void cancels(List<TaskFuture<?>> sent) {
        for (TaskFuture<?> future : sent) {
            Cancel cancel = future.cancelRequest();
            if (cancel != null) {
                room(INTERVAL_BYTES);
                page.addCancels(cancel);
            }
        }
        if (pageBytes > 0) {
            flush();
        }
    }

    private void room(int bytes) {
        if (pageBytes + bytes > Protocol.BATCH_BYTES) {
            flush();
        }
        pageBytes += bytes;
    }

    private void flush() {
        to.accept(page.build());
        page = SubmitRequest.newBuilder();
        pageBytes = 0;
    }
}

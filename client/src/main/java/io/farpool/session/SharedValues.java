package io.farpool.session;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.shared.SharedBytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shared values that a session's tasks have captured: which of them the coordinator has, which tasks wait until it has one,
 * and what it is told to keep and to forget.
 *
 * <pre>
 *   HERE ──(a task needs it)──▶ ON_ITS_WAY ──▶ THERE ──(no task, and closed)──▶ gone
 *    ▲                              │            │
 *    └───────(cannot be sent)───────┘            │
 *    └──────(another coordinator, which knows nothing; or this one has it no more)
 * </pre>
 *
 * <p>Bounded by the values that the program keeps open. Not thread-safe, as the core it belongs to.
 */
final class SharedValues {
    /** Values released before, which a coordinator is told again of on each new stream; past it the oldest are not. */
    private static final int MOST_REMEMBERED = 1_000;

    /**
     * A value that the coordinator is to be given.
     *
     * @param number of this try; the answer to another says nothing any more
     */
    record Upload(SharedBytes bytes, long number) {}

    private enum State {
        HERE,
        ON_ITS_WAY,
        THERE
    }

    private static final class Value {
        /** One for each time that it was shared: of the same content. */
        final Set<SharedBytes> files = new LinkedHashSet<>();
        /** Those that wait for it; one that has ended, or waits anew, may be here still. */
        final List<TaskFuture<?>> waiting = new ArrayList<>();

        State state = State.HERE;
        /** Some coordinator was told to keep it, so it is to be told to forget it too, and so are hosts and processes. */
        boolean toldToKeep;
        /** Pending tasks that have captured it. */
        int tasks;
        /** Of the newest upload, and what that sends. */
        Upload upload;

        Value(SharedBytes first) {
            upload = new Upload(first, 0);
        }

        SharedBytes file() {
            return files.iterator().next();
        }
    }

    private final Map<BlobDigest, Value> values = new LinkedHashMap<>();
    private final Set<Value> toSend = new LinkedHashSet<>();
    private final Set<BlobDigest> released = new LinkedHashSet<>();
    /** What the coordinator is to be told next: true to keep, false to forget. */
    private final Map<BlobDigest, Boolean> toTell = new LinkedHashMap<>();

    private long lastUpload;
    private int waitingTasks;

    // ------------------------------------------------------------------------------------------------ tasks

    /** A task is pending. */
    void add(TaskFuture<?> future) {
        for (SharedBytes captured : future.shared()) {
            Value value = values.computeIfAbsent(captured.digest(), digest -> new Value(captured));
            value.files.add(captured);
            value.tasks++;
        }
    }

    /** Whether it may be sent. If not, it waits here until {@link #sent} gives it. */
    boolean isReady(TaskFuture<?> future) {
        int missing = 0;
        for (SharedBytes captured : future.shared()) {
            Value value = values.get(captured.digest());
            if (value != null && value.state != State.THERE) {
                value.waiting.add(future);
                missing++;
                if (value.state == State.HERE) {
                    toSend.add(value);
                }
            }
        }
        future.sharedMissing(missing);
        if (missing > 0) {
            waitingTasks++;
        }
        return missing == 0;
    }

    /** It is pending no more. */
    void done(TaskFuture<?> future) {
        if (future.shared().isEmpty()) {
            return;
        }
        waitNoMore(future);
        for (SharedBytes captured : future.shared()) {
            Value value = values.get(captured.digest());
            if (value != null) {
                value.tasks--;
            }
        }
        future.releaseShared();
    }

    private void waitNoMore(TaskFuture<?> future) {
        if (future.sharedMissing() > 0) {
            future.sharedMissing(0);
            waitingTasks--;
        }
    }

    boolean any() {
        return !values.isEmpty();
    }

    boolean noneWaits() {
        return waitingTasks == 0;
    }

    /** What waits is not sent any more. */
    void sendNoMore() {
        values.values().forEach(this::clearWaiting);
        toSend.clear();
    }

    private void clearWaiting(Value value) {
        value.waiting.forEach(this::waitNoMore);
        value.waiting.clear();
    }

    // ------------------------------------------------------------------------------------------------ values

    /** What is to be sent now. */
    List<Upload> nextUploads() {
        if (toSend.isEmpty()) {
            return List.of();
        }
        List<Upload> next = new ArrayList<>(toSend.size());
        for (Value value : toSend) {
            value.state = State.ON_ITS_WAY;
            value.upload = new Upload(value.file(), ++lastUpload);
            next.add(value.upload);
        }
        toSend.clear();
        return next;
    }

    /** The coordinator has it. Gives the tasks that are ready now. */
    List<TaskFuture<?>> sent(Upload upload) {
        Value value = current(upload);
        if (value == null) {
            return List.of();
        }
        value.state = State.THERE;
        value.toldToKeep = true;
        tell(upload.bytes().digest(), true);
        List<TaskFuture<?>> ready = new ArrayList<>();
        for (TaskFuture<?> future : value.waiting) {
            if (future.sharedMissing() > 0) {
                future.sharedMissing(future.sharedMissing() - 1);
                if (future.sharedMissing() == 0) {
                    waitingTasks--;
                    ready.add(future);
                }
            }
        }
        value.waiting.clear();
        return ready;
    }

    /**
     * The coordinator has it no more, and somebody asks for it there. It is sent again, unless it is on its way or needed no more. Tasks
     * that are submitted meanwhile wait for it.
     */
    void wanted(BlobDigest digest) {
        Value value = values.get(digest);
        if (value != null && value.state != State.ON_ITS_WAY) {
            value.state = State.HERE;
            toSend.add(value);
        }
    }

    /** The coordinator cannot have it. Gives the tasks that wait for it, which are to fail; a later one may try again. */
    Set<TaskFuture<?>> notSent(Upload upload) {
        Value value = current(upload);
        if (value == null) {
            return Set.of();
        }
        value.state = State.HERE;
        if (!value.files.contains(upload.bytes())) {
            toSend.add(value); // that file has gone, and another is there
            return Set.of();
        }
        Set<TaskFuture<?>> failing = new LinkedHashSet<>();
        for (TaskFuture<?> future : value.waiting) {
            if (future.sharedMissing() > 0) {
                failing.add(future);
            }
        }
        value.waiting.clear();
        return failing;
    }

    private @Nullable Value current(Upload upload) {
        Value value = values.get(upload.bytes().digest());
        return value != null && value.state == State.ON_ITS_WAY && value.upload.number() == upload.number()
                ? value
                : null;
    }

    /** It was closed, and no task that captured it is pending. */
    void free(SharedBytes bytes) {
        BlobDigest digest = bytes.digest();
        Value value = values.get(digest);
        if (value == null || !value.files.remove(bytes) || !value.files.isEmpty()) {
            return;
        }
        values.remove(digest);
        toSend.remove(value);
        if (value.state != State.HERE || value.toldToKeep) {
            tell(digest, false);
        }
    }

    private void tell(BlobDigest digest, boolean keep) {
        toTell.remove(digest); // what it is told last counts
        toTell.put(digest, keep);
        released.remove(digest);
        if (!keep) {
            released.add(digest);
            if (released.size() > MOST_REMEMBERED) {
                released.remove(released.iterator().next());
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ the coordinator

    /**
     * The session is open at a coordinator.
     *
     * @param known it has what it was given; else all is to be given to it again that any pending task needs, and none of
     *     them is ready before
     */
    void opened(boolean known) {
        toTell.clear();
        released.forEach(digest -> toTell.put(digest, false));
        for (Map.Entry<BlobDigest, Value> entry : values.entrySet()) {
            Value value = entry.getValue();
            if (!known) {
                clearWaiting(value);
                value.state = State.HERE;
                if (value.tasks > 0) {
                    toSend.add(value);
                }
            } else {
                // The coordinator is told that they are pending, and will say whether it wants them.
                value.waiting.stream().filter(TaskFuture::isSent).forEach(this::waitNoMore);
                value.waiting.removeIf(TaskFuture::isSent);
                if (value.state == State.THERE) {
                    toTell.put(entry.getKey(), true);
                }
            }
        }
    }

    /** Adds what the coordinator is to be told; false if there is nothing. */
    boolean tellIn(SubmitRequest.Builder request) {
        if (toTell.isEmpty()) {
            return false;
        }
        toTell.forEach((digest, keep) -> {
            if (keep) {
                request.addShared(digest.toWire());
            } else {
                request.addSharedReleased(digest.toWire());
            }
        });
        toTell.clear();
        return true;
    }
}

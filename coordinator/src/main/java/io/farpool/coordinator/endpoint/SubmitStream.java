package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.scheduling.Event;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One submit stream of a client: its first message says whose it is, its first pages what is pending, the others are that
 * session's events.
 */
final class SubmitStream implements StreamObserver<SubmitRequest> {
    private final Switchboard switchboard;
    private final Entrance entrance;
    private final OutStream<SubmitResponse> response;
    private @Nullable SessionLink session;

    // Pages of what is pending, until they are complete.
    private List<SequenceInterval> pending = new ArrayList<>();
    private List<PendingTask> particulars = new ArrayList<>();
    private long pendingTasks;
    private long lastPending;
    private long lastParticular;
    private boolean pendingComplete;

    SubmitStream(Switchboard switchboard, Entrance entrance, OutStream<SubmitResponse> response) {
        this.switchboard = switchboard;
        this.entrance = entrance;
        this.response = response;
    }

    @Override
    public void onNext(SubmitRequest request) {
        entrance.post(() -> take(request));
    }

    @Override
    public void onError(Throwable broken) {
        entrance.post(this::broke);
    }

    @Override
    public void onCompleted() {
        entrance.post(() -> {
            response.send(SubmitResponse.getDefaultInstance());
            response.complete();
            broke();
        });
    }

    /** The stream is gone; whether that is a break depends on what was said on it. */
    void broke() {
        response.abandon();
        leave();
    }

    private void leave() {
        SessionLink link = session;
        if (link != null && link.submit == this) {
            link.submit = null;
            switchboard.streamsChanged(link);
        }
    }

    /** The session is over, or this stream is not its newest any more. */
    void end(Status status) {
        if (status.isOk()) {
            response.send(SubmitResponse.getDefaultInstance());
            response.complete();
        } else {
            response.fail(status);
        }
    }

    private void take(SubmitRequest request) {
        if (response.hasEnded()) {
            return;
        }
        try {
            SessionLink link = session == null ? begin(request) : session;
            Checks.submission(request, switchboard.settings);
            apply(link, request);
        } catch (StatusRuntimeException refused) {
            response.fail(refused.getStatus());
            leave();
        }
    }

    private SessionLink begin(SubmitRequest request) {
        SessionLink link = switchboard.sessions.of(
                request.getSessionId(), request.getSecret(), request.getEpoch(), request.getOpening());
        session = link;
        SubmitStream older = link.submit;
        if (older != null) {
            link.submit = null;
            switchboard.streamsChanged(link);
            older.end(Status.ABORTED.withDescription("another submit stream of this session is newer"));
        }
        link.submit = this;
        link.begun = true;
        switchboard.streamsChanged(link);
        return link;
    }

    private void collectPending(SessionLink link, SubmitRequest request) {
        for (SequenceInterval interval : request.getPendingList()) {
            lastPending = Checks.ascending("pending intervals", lastPending, interval.getFirst(), interval.getLast());
            pendingTasks += interval.getLast() - interval.getFirst() + 1;
            if (pendingTasks > switchboard.maxPendingTasks || pendingTasks < 0) {
                throw tooManyPending();
            }
        }
        for (PendingTask task : request.getPendingTasksList()) {
            lastParticular = Checks.ascending("pending tasks", lastParticular, task.getSequence(), task.getSequence());
        }
        pending.addAll(request.getPendingList());
        particulars.addAll(request.getPendingTasksList());
        if (particulars.size() > switchboard.maxPendingTasks) {
            throw tooManyPending();
        }
        if (request.getPendingComplete()) {
            pendingComplete = true;
            switchboard.tell(new Event.PendingTold(link.number, pending, particulars));
            pending = List.of();
            particulars = List.of();
        } else if (request.getTasksCount()
                                + request.getCancelsCount()
                                + request.getGrantedCount()
                                + request.getTakenCount()
                                + request.getSharedCount()
                                + request.getSharedReleasedCount()
                        > 0
                || request.getWhenDone()) {
            throw Checks.invalid("tasks, cancels, granted, taken, shared and when_done must follow pending_complete");
        }
    }

    private void take(SessionLink link, List<Long> taken) {
        if (taken.size() > switchboard.maxPendingTasks) {
            throw Checks.invalid("taken must name at most the " + switchboard.maxPendingTasks
                    + " tasks that a session may have here, not " + taken.size());
        }
        switchboard.tell(new Event.OutcomesTaken(link.number, taken));
    }

    private StatusRuntimeException tooManyPending() {
        return Status.RESOURCE_EXHAUSTED
                .withDescription("more than the " + switchboard.maxPendingTasks
                        + " tasks that a session may have here were named as pending")
                .asRuntimeException();
    }

    private void apply(SessionLink link, SubmitRequest request) {
        if (request.getAcknowledged() > 0) {
            switchboard.acknowledge(link, request.getAcknowledged());
        }
        if (!pendingComplete) {
            collectPending(link, request);
        } else if (request.getPendingCount() + request.getPendingTasksCount() > 0 || request.getPendingComplete()) {
            throw Checks.invalid(
                    "pending, pending_tasks and pending_complete must be at the beginning of the stream only");
        }
        if (request.getGrantedCount() > 0) {
            switchboard.tell(new Event.AttemptsGranted(link.number, request.getGrantedList()));
        }
        if (request.getTakenCount() > 0) {
            take(link, request.getTakenList());
        }
        if (request.getSharedCount() + request.getSharedReleasedCount() > 0) {
            switchboard.share(link, request.getSharedList(), request.getSharedReleasedList());
        }
        if (request.getTasksCount() > 0) {
            switchboard.tell(new Event.TasksSubmitted(link.number, request.getTasksList()));
        }
        if (request.getCancelsCount() > 0) {
            switchboard.tell(new Event.CancelsRequested(link.number, request.getCancelsList()));
        }
        switch (request.getCloseCase()) {
            case WHEN_DONE -> {
                if (request.getWhenDone()) {
                    link.closeSeen = true;
                    switchboard.tell(new Event.SessionClosing(link.number));
                }
            }
            case END_NOW -> {
                link.closeSeen = true;
                switchboard.tell(
                        new Event.SessionEnded(link.number, request.getEndNow().getKill()));
            }
            case CLOSE_NOT_SET -> {}
        }
    }
}

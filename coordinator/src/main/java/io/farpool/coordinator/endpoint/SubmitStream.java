package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.scheduling.Event;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** One submit stream of a client: its first message says whose it is, the others are that session's events. */
final class SubmitStream implements StreamObserver<SubmitRequest> {
    private final Switchboard switchboard;
    private final Entrance entrance;
    private final OutStream<SubmitResponse> response;
    private @Nullable SessionLink session;

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
        SessionLink link = switchboard.session(request.getSessionId(), request.getSecret(), request.getEpoch());
        session = link;
        SubmitStream older = link.submit;
        link.submit = this;
        if (older != null) {
            older.end(Status.ABORTED.withDescription("another submit stream of this session is newer"));
        }
        switchboard.streamsChanged(link);
        return link;
    }

    private void apply(SessionLink link, SubmitRequest request) {
        if (request.getAcknowledged() > 0) {
            switchboard.acknowledge(link, request.getAcknowledged());
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

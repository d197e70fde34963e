package io.farpool.worker.hosting;

import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.Task;
import java.util.Objects;

/** What becomes of attempts, and of sessions with large initializers, when what was fetched for them is here or cannot be had. */
final class Fetching {
    private final HostState state;
    private final Attempts attempts;

    Fetching(HostState state, Attempts attempts) {
        this.state = state;
        this.attempts = attempts;
    }

    void fetched(long fetch, String path) {
        Payloads.Fetch found = state.payloads.find(fetch);
        if (found == null) {
            return;
        }
        HostedSession session = found.session();
        Attempt attempt = found.attempt();
        if (attempt == null) {
            session.initializer = Payloads.at(path, session.spec.getInitializer());
        } else if (session.fetching.remove(attempt)) {
            Task task = Objects.requireNonNull(attempt.task);
            attempt.task = task.toBuilder()
                    .setPayload(Payloads.at(path, task.getPayload()))
                    .build();
            session.enqueueInPlace(attempt);
        }
        state.touch(session);
    }

    void failed(long fetch, PayloadProblem problem, String message) {
        Payloads.Fetch found = state.payloads.find(fetch);
        if (found == null) {
            return;
        }
        state.payloads.forget(fetch);
        HostedSession session = found.session();
        Attempt attempt = found.attempt();
        if (attempt == null) {
            session.initializerFetch = 0;
            initializerFailed(session, message);
        } else {
            session.fetching.remove(attempt);
            attempt.fetch = 0;
            failed(attempt, problem, message);
        }
        state.touch(session);
    }

    /**
     * Of the attempt alone, whatever it was: the session's other tasks may run here all the same. What nobody could have read
     * is tried again as often as it may be after the loss of a host; for what has no room here the coordinator finds another
     * host.
     */
    private void failed(Attempt attempt, PayloadProblem problem, String message) {
        String what = "the task's " + attempt.taskBytes
                + " bytes could not be brought to the host, so that it was not started: " + message;
        switch (problem) {
            case GONE -> attempts.giveBack(attempt);
            case UNREADABLE -> attempts.hold(attempt, Outcomes.notStarted(Loss.Cause.HOST_LOST, what));
            case DISK -> attempts.hold(attempt, Outcomes.notStarted(Loss.Cause.NO_ROOM, what));
        }
    }

    private void initializerFailed(HostedSession session, String message) {
        state.reports.problem(
                session,
                SessionProblem.newBuilder()
                        .setCodeUnavailable(Loss.newBuilder()
                                .setCause(Loss.Cause.CODE_UNAVAILABLE)
                                .setMessage("the session's initializer could not be brought to the host: " + message)));
        session.startsAhead = 0;
        attempts.giveBackQueue(session);
    }
}

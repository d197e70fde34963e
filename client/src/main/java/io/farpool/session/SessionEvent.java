package io.farpool.session;

import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Credit;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What a {@link SessionCore} is told. Submission is the {@link TaskFuture} itself, so that it costs no object of its own. */
sealed interface SessionEvent {

    void applyTo(SessionCore core);

    /** A task of this session; permitted to be an event. */
    non-sealed interface Submission extends SessionEvent {}

    /** Nobody waits for this task any more. */
    record Withdrawn(TaskFuture<?> future, boolean evenIfRunning) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.withdrawn(future, evenIfRunning);
        }
    }

    /** The coordinator knows the session, and its streams are there. */
    record Opened(SubmitStream stream, Credit credit) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.opened(stream, credit);
        }
    }

    /** A batch from the coordinator. */
    record Arrived(CompletionsResponse batch) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.arrived(batch);
        }
    }

    /** No more submissions; the session ends when what is pending is done. */
    record CloseWhenDone() implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.closeWhenDone();
        }
    }

    /** The session ends now, whatever is pending, and pending futures fail for this reason. */
    record EndNow(boolean kill, RuntimeException reason) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.endNow(kill, reason);
        }
    }

    /** This JVM exits: the session ends now, and futures are told nothing. */
    record Leave() implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.leave();
        }
    }

    /** The session cannot go on, and the other side knows or is gone. */
    record Broke(RuntimeException reason) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.broke(reason);
        }
    }

    /** The coordinator has ended the session as it was asked to. */
    record Ended() implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.ended();
        }
    }

    /** Asks which futures are pending, in the order of submission, everything posted before included. */
    record WhatIsPending(CompletableFuture<List<TaskFuture<?>>> answer) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.tellPending(answer);
        }
    }
}

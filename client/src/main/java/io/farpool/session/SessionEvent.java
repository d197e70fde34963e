package io.farpool.session;

import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.shared.SharedBytes;
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

    /** A coordinator has the session, and its streams come next. They and all that they bring carry this number. */
    record Accepted(int generation, OpenResponse response) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.accepted(generation, response);
        }
    }

    /** The streams are there. */
    record Opened(int generation, SubmitStream stream) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.opened(generation, stream);
        }
    }

    /** A batch from the coordinator. */
    record Arrived(int generation, CompletionsResponse batch) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.arrived(generation, batch);
        }
    }

    /** Completions have waited for being acknowledged. */
    record AcknowledgeNow() implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.acknowledge();
        }
    }

    /** A stream has broken; the session can be opened again. */
    record Lost(int generation, String why) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.lost(generation, why);
        }
    }

    /** A stream has ended in a way that allows no other try. */
    record Refused(int generation, RuntimeException reason) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.refused(generation, reason);
        }
    }

    /** The coordinator has a shared value. */
    record SharedSent(SharedValues.Upload upload) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.sharedSent(upload);
        }
    }

    /** The coordinator cannot have a shared value, and no other try is made. */
    record SharedNotSent(SharedValues.Upload upload, RuntimeException reason) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.sharedNotSent(upload, reason);
        }
    }

    /** A shared value is closed, and no pending task has captured it. */
    record SharedFree(SharedBytes bytes) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.sharedFree(bytes);
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

    /** The session cannot be opened, or cannot go on. */
    record Broke(RuntimeException reason) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.broke(reason);
        }
    }

    /** The coordinator has ended the session as it was asked to. */
    record Ended(int generation) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.ended(generation);
        }
    }

    /** What was offered is here. */
    record Received(TaskFuture<?> future, SessionCore.Offer offer) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.received(future, offer);
        }
    }

    /** What was offered will never be here. */
    record NotReceived(TaskFuture<?> future, SessionCore.Offer offer, RuntimeException reason) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.notReceived(future, offer, reason);
        }
    }

    /** The task's payload is lost. */
    record NotSendable(TaskFuture<?> future, RuntimeException reason) implements SessionEvent {
        @Override
        public void applyTo(SessionCore core) {
            core.notSendable(future, reason);
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

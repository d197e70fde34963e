package io.farpool.worker.hosting;

import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.ProcessOutcome;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The book of large payloads, which are files on this host while they are needed here: a task's from when it has been
 * fetched until the attempt has ended or left, an initializer's as long as its session is here, an outcome's as long as
 * the outcome is held. Bounded by the attempts that have been assigned.
 */
final class Payloads {
    /** What has been fetched, or is being: for an attempt, or as the session's initializer. */
    record Fetch(HostedSession session, @Nullable Attempt attempt) {}

    private final HostState state;
    private final Map<Long, Fetch> fetches = new LinkedHashMap<>();
    private long lastFetch;

    Payloads(HostState state) {
        this.state = state;
    }

    // ------------------------------------------------------------------------------------------------ on their way in

    /** Whether it is neither in the message nor a file that this host can read where it is. */
    boolean mustFetch(Payload payload) {
        return payload.hasReference()
                && !(state.sharesFiles && !payload.getReference().getPath().isEmpty());
    }

    void fetch(Attempt attempt) {
        attempt.state = Attempt.State.FETCHING;
        attempt.session.fetching.add(attempt);
        PayloadReference reference = attempt.task == null
                ? PayloadReference.getDefaultInstance()
                : attempt.task.getPayload().getReference();
        attempt.fetch = begin(attempt.session, attempt, attempt.sequence, reference);
    }

    /** Whether processes of the session can be told their initializer; fetches it, if that is what it takes. */
    boolean isInitializerHere(HostedSession session) {
        if (!mustFetch(session.initializer)) {
            return true;
        }
        if (session.initializerFetch == 0) {
            session.initializer = at("", session.spec.getInitializer());
            session.initializerFetch =
                    begin(session, null, 0, session.spec.getInitializer().getReference());
            return false;
        }
        return !session.initializer.getReference().getPath().isEmpty();
    }

    private long begin(HostedSession session, @Nullable Attempt attempt, long sequence, PayloadReference reference) {
        long fetch = ++lastFetch;
        fetches.put(fetch, new Fetch(session, attempt));
        PayloadReference elsewhere = reference.toBuilder().clearPath().build();
        state.decisions.add(new HostDecision.FetchPayload(fetch, session.id, sequence, elsewhere));
        return fetch;
    }

    /** Null: it has been dropped. */
    @Nullable
    Fetch find(long fetch) {
        return fetches.get(fetch);
    }

    /** It has failed, so there is nothing to drop. */
    void forget(long fetch) {
        fetches.remove(fetch);
    }

    /** The attempt's payload is not needed here any more. */
    void release(Attempt attempt) {
        if (attempt.fetch != 0) {
            attempt.session.fetching.remove(attempt);
            drop(attempt.fetch);
            attempt.fetch = 0;
        }
    }

    private void drop(long fetch) {
        if (fetches.remove(fetch) != null) {
            state.decisions.add(new HostDecision.DropPayload(fetch));
        }
    }

    // ------------------------------------------------------------------------------------------------------- outcomes

    /** The attempt's outcome, as it is to be told; if its payload is a file, that is kept for those who will ask. */
    Outcome keep(Attempt attempt, Outcome outcome) {
        PayloadReference reference = reference(outcome);
        if (reference == null) {
            return outcome;
        }
        attempt.file = reference;
        attempt.session.heldFileBytes += reference.getSizeBytes();
        return state.sharesFiles ? outcome : withoutPath(outcome);
    }

    void releaseOutcome(Attempt attempt) {
        PayloadReference file = attempt.file;
        if (file != null) {
            attempt.file = null;
            attempt.session.heldFileBytes -= file.getSizeBytes();
            remove(file);
        }
    }

    /** Nobody will ask for it. */
    void remove(@Nullable PayloadReference file) {
        if (file != null) {
            state.decisions.add(new HostDecision.RemoveFile(file.getPath()));
        }
    }

    /** What a process says that is not known (any more). */
    void removeAll(FromProcess message) {
        message.getOutcomesList().forEach(outcome -> remove(reference(outcome)));
        remove(reference(message.getPrepareFailed()));
    }

    /** Somebody asks for an outcome's payload. */
    void send(PayloadWanted wanted) {
        Attempt attempt = state.attempts.get(wanted.getAttempt());
        state.decisions.add(new HostDecision.SendPayload(
                wanted.getTransfer(),
                attempt == null ? "" : attempt.session.id,
                wanted.getAttempt(),
                attempt == null ? null : attempt.file));
    }

    // ------------------------------------------------------------------------------------------------------------- end

    /** Nobody is left who wants any of the session's. To be called while its attempts are still known. */
    void releaseAll(HostedSession session) {
        fetches.entrySet().removeIf(entry -> {
            boolean its = entry.getValue().session() == session;
            if (its) {
                state.decisions.add(new HostDecision.DropPayload(entry.getKey()));
            }
            return its;
        });
        session.initializerFetch = 0;
        state.attempts.values().stream()
                .filter(attempt -> attempt.session == session)
                .forEach(this::releaseOutcome);
        state.held.attempts().stream()
                .filter(attempt -> attempt.session == session)
                .forEach(this::releaseOutcome);
    }

    // ------------------------------------------------------------------------------------------------------- messages

    static long sizeBytes(Payload payload) {
        return payload.hasReference()
                ? payload.getReference().getSizeBytes()
                : payload.getInline().size();
    }

    static Payload at(String path, Payload payload) {
        return Payload.newBuilder()
                .setReference(payload.getReference().toBuilder().setPath(path))
                .build();
    }

    static @Nullable PayloadReference reference(Outcome outcome) {
        return outcome.hasResult() ? reference(outcome.getResult()) : reference(outcome.getFailure());
    }

    static @Nullable PayloadReference reference(ProcessOutcome outcome) {
        return outcome.hasResult() ? reference(outcome.getResult()) : reference(outcome.getFailure());
    }

    static @Nullable PayloadReference reference(Failure failure) {
        return reference(failure.getException());
    }

    private static @Nullable PayloadReference reference(Payload payload) {
        return payload.hasReference() ? payload.getReference() : null;
    }

    private static Outcome withoutPath(Outcome outcome) {
        Outcome.Builder rest = outcome.toBuilder();
        Payload.Builder payload = rest.hasResult()
                ? rest.getResultBuilder()
                : rest.getFailureBuilder().getExceptionBuilder();
        payload.getReferenceBuilder().clearPath();
        return rest.build();
    }
}

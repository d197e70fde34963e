package io.farpool.worker.hosting;

import io.farpool.proto.v1.AttemptName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a coordinator that has gone had assigned, and the one that is here now has neither adopted nor dropped: it goes on
 * running, and nobody is told of its outcomes. Bounded by what had been assigned.
 */
final class Held {
    /** An attempt's name over all epochs. */
    record Name(long epoch, long attempt) {
        static Name of(AttemptName name) {
            return new Name(name.getEpoch(), name.getAttempt());
        }

        static Name of(Attempt attempt) {
            return new Name(attempt.epoch, attempt.number);
        }
    }

    private final Map<String, HostedSession> sessions = new LinkedHashMap<>();
    private final Map<Name, Attempt> attempts = new LinkedHashMap<>();
    /** Handed back since the last state pages were made, with nobody there to be told: whoever adopts them is. */
    private final Set<Name> unstarted = new LinkedHashSet<>();

    /** A copy. */
    List<HostedSession> sessions() {
        return new ArrayList<>(sessions.values());
    }

    Collection<Attempt> attempts() {
        return attempts.values();
    }

    /** Whether no attempt is held. */
    boolean isEmpty() {
        return attempts.isEmpty();
    }

    void add(Collection<HostedSession> more, Collection<Attempt> theirs) {
        more.forEach(session -> sessions.put(session.id, session));
        theirs.forEach(attempt -> attempts.put(Name.of(attempt), attempt));
    }

    boolean has(Attempt attempt) {
        return attempts.get(Name.of(attempt)) == attempt;
    }

    boolean has(HostedSession session) {
        return sessions.get(session.id) == session;
    }

    boolean hasAttemptsOf(HostedSession session) {
        return attempts.values().stream().anyMatch(attempt -> attempt.session == session);
    }

    boolean mayHaveStarted(HostedSession session) {
        return attempts.values().stream().anyMatch(attempt -> attempt.session == session && attempt.mayHaveStarted());
    }

    @Nullable
    HostedSession takeSession(String id) {
        return sessions.remove(id);
    }

    @Nullable
    Attempt take(Name name) {
        return attempts.remove(name);
    }

    /** The session has ended. */
    void remove(HostedSession session) {
        sessions.remove(session.id, session);
        attempts.values().removeIf(attempt -> attempt.session == session);
    }

    /** It has left this host without having started. */
    void unstarted(Attempt attempt) {
        Name name = Name.of(attempt);
        attempts.remove(name);
        unstarted.add(name);
    }

    boolean wasUnstarted(Name name) {
        return unstarted.contains(name);
    }

    /** State pages are made: what is not in them, nobody will ask for. */
    void forgetUnstarted() {
        unstarted.clear();
    }

    void clear() {
        sessions.clear();
        attempts.clear();
        unstarted.clear();
    }
}

package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.scheduling.Decision;
import io.farpool.coordinator.scheduling.Event;
import io.farpool.coordinator.scheduling.Scheduler;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.SessionLog;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between the streams and the scheduler: knows which stream is whose, and sends what was decided once
 * everything that
 * came together has been applied. All of it runs where its serial queue is drained; only the deadline may be read
 * elsewhere.
 */
final class Switchboard implements SerialQueue.Core<Runnable> {
    private static final Logger log = LoggerFactory.getLogger(Switchboard.class);
    /** Values that a session may share at once. */
    static final int MAX_SHARED = 100_000;

    static final Status SHUTTING_DOWN = Status.UNAVAILABLE.withDescription("the coordinator is shutting down");

    final EndpointSettings settings;
    final long epoch;
    final long hostLeaseMillis;
    /** How many tasks a submit stream may name as pending. */
    final int maxPendingTasks;

    private final long sessionLeaseMillis;
    private final LongSupplier clockMillis;
    private final SessionBlobs blobs;
    final Scheduler scheduler;
    final SessionLinks sessions;
    final HostStreams hosts = new HostStreams(this);
    private final PayloadAsks payloads = new PayloadAsks(this);

    private boolean shutDown;

    private Set<Outgoing> outgoing = new LinkedHashSet<>();
    /** Empty but while sending: sending to one may leave something to be sent to another. */
    private Set<Outgoing> sending = new LinkedHashSet<>();

    private final List<Runnable> endings = new ArrayList<>();
    /** Something has happened that may answer, or end, what is asked for. */
    private boolean payloadsDue;

    private volatile long deadlineMillis = Long.MAX_VALUE;

    Switchboard(
            EndpointSettings settings,
            SchedulerSettings schedulerSettings,
            long epoch,
            SessionBlobs blobs,
            LongSupplier clockMillis) {
        this.blobs = blobs;
        this.settings = settings;
        this.epoch = epoch;
        this.clockMillis = clockMillis;
        hostLeaseMillis = schedulerSettings.hostLeaseMillis();
        maxPendingTasks = schedulerSettings.pendingTasks();
        sessionLeaseMillis = schedulerSettings.sessionLeaseMillis();
        sessions = new SessionLinks(this, sessionLeaseMillis);
        scheduler = new Scheduler(schedulerSettings, epoch, clockMillis.getAsLong(), this::route);
    }

    @Override
    public void apply(Runnable event) {
        event.run();
    }

    @Override
    public void flush() {
        scheduler.settle(clockMillis.getAsLong());
        send();
        for (Runnable ending : endings) {
            ending.run();
        }
        endings.clear();
        if (payloadsDue) {
            payloadsDue = false;
            payloads.lookAgain();
        }
        send();
        deadlineMillis = scheduler.deadlineMillis();
    }

    private void send() {
        while (!outgoing.isEmpty()) {
            Set<Outgoing> now = outgoing;
            outgoing = sending;
            sending = now;
            for (Outgoing one : now) {
                one.send();
            }
            now.clear();
        }
    }

    @Override
    public void fault(Throwable bug) {
        log.error("core=coordinator fault: a bug; the event that met it was dropped", bug);
    }

    long deadlineMillis() {
        return deadlineMillis;
    }

    void tell(Event event) {
        scheduler.apply(event, clockMillis.getAsLong());
    }

    // ------------------------------------------------------------------------------------------------ decisions out

    private void route(Decision decision) {
        if (decision instanceof Decision.ForHost forHost) {
            routeToHost(forHost);
        } else if (decision instanceof Decision.ForSession forSession) {
            routeToSession(forSession);
        } else {
            throw new AssertionError("nowhere to send " + decision);
        }
    }

    private void routeToHost(Decision.ForHost decision) {
        if (decision instanceof Decision.Welcome
                || decision instanceof Decision.CloseSession
                || decision instanceof Decision.ReleaseHost) {
            payloadsDue = true;
        }
        HostStream host = hosts.of(decision.host());
        if (host == null) {
            return;
        }
        if (decision instanceof Decision.ReleaseHost release) {
            log.info("host={} released reason=\"{}\"", release.host(), release.reason());
            // A host that begins anew on a newer stream is released only in its former life.
            if (host.isAttached()) {
                hosts.forget(host);
                endings.add(() -> host.end(Status.UNAVAILABLE.withDescription(
                        "this host is not part of the cluster any more: " + release.reason())));
            }
        } else {
            host.add(decision);
            outgoing.add(host);
        }
    }

    private void routeToSession(Decision.ForSession decision) {
        SessionLink session = sessions.byNumber(decision.session());
        if (session == null) {
            return;
        }
        if (decision instanceof Decision.EndSession end) {
            log.info("session={} ended expired={}", session.id(), end.expired());
            sessions.remove(session);
            blobs.release(session.id());
            outgoing.add(session);
            Status status = end.expired()
                    ? Status.NOT_FOUND.withDescription("session " + session.id()
                            + " has expired: its streams were broken for " + sessionLeaseMillis + " ms")
                    : Status.OK;
            endings.add(() -> session.end(status));
            payloadsDue = true;
        } else if (decision instanceof Decision.RefuseSubmission refuse) {
            SubmitStream submit = session.submit;
            if (submit != null) {
                session.submit = null;
                submit.end(Status.RESOURCE_EXHAUSTED.withDescription(refuse.message()));
                endings.add(() -> streamsChanged(session));
            }
        } else if (decision instanceof Decision.RenewSubmission) {
            SubmitStream submit = session.submit;
            if (submit != null) {
                endings.add(() -> renew(session, submit));
            }
        } else {
            session.add(decision);
            outgoing.add(session);
        }
    }

    private void renew(SessionLink session, SubmitStream submit) {
        if (session.submit == submit) {
            session.submit = null;
            submit.end(Status.ABORTED.withDescription(
                    "the completions stream that was there before may have lost what was wanted: begin another"));
            streamsChanged(session);
        }
    }

    void forwardLog(String host, SessionLog log) {
        SessionLink session = sessions.byNumber(log.getSession());
        if (session != null) {
            session.addLog(host, log);
            outgoing.add(session);
        }
    }

    /** The session's completions stream takes more, so log lines that wait may go on. */
    void ready(String sessionId, OutStream<CompletionsResponse> stream) {
        SessionLink session = sessions.byId(sessionId);
        if (session != null && session.isCompletions(stream)) {
            outgoing.add(session);
        }
    }

    void logTaken(int session, String host, long bytes) {
        HostStream stream = hosts.of(host);
        if (stream != null) {
            stream.addLogTaken(session, bytes);
            outgoing.add(stream);
        }
    }

    // ------------------------------------------------------------------------------------------------ sessions

    void requireRunning() {
        if (shutDown) {
            throw SHUTTING_DOWN.asRuntimeException();
        }
    }

    /** What the session shares from here on, after what it shares no more. */
    void share(SessionLink session, List<Digest> held, List<Digest> released) {
        if (!released.isEmpty()) {
            // Not removeAll: a set that is smaller than the list would search that for each of its own.
            released.forEach(session.shared::remove);
            blobs.releaseShared(session.id(), released);
            for (HostStream host : hosts.inPlace()) {
                if (host.release(session.number, released)) {
                    outgoing.add(host);
                }
            }
        }
        if (!held.isEmpty()) {
            Set<Digest> more = new LinkedHashSet<>(held);
            more.removeIf(session.shared::contains);
            int together = session.shared.size() + more.size();
            if (together > MAX_SHARED) {
                throw Status.RESOURCE_EXHAUSTED
                        .withDescription(
                                "a session may share at most " + MAX_SHARED + " values at once, not " + together)
                        .asRuntimeException();
            }
            session.shared.addAll(more);
            blobs.holdShared(session.id(), held);
        }
    }

    /**
     * Somebody asks for a blob that is not here. If it is a shared value, or of a class path, a client that has it is asked to send
     * it again: one, and the next one when somebody asks in vain again, since the first may be slow to answer or have lost it too.
     */
    void want(Digest digest) {
        SessionLink asked = sessions.nextToAsk(session -> session.shared.contains(digest));
        if (asked != null) {
            log.debug("session={} is asked again for a shared value bytes={}", asked.id(), digest.getSizeBytes());
            asked.addSharedWanted(digest);
            outgoing.add(asked);
            return;
        }
        asked = sessions.nextToAsk(session -> session.runs(digest));
        if (asked != null) {
            log.debug("session={} is asked again for its class path bytes={}", asked.id(), digest.getSizeBytes());
            asked.addBundleWanted();
            outgoing.add(asked);
        }
    }

    void streamsChanged(SessionLink link) {
        tell(new Event.SessionStreams(link.number, link.attached(), link.submit != null, link.answering()));
    }

    /** What was asked on the stream before may not have arrived. */
    void completionsReplaced(SessionLink link) {
        tell(new Event.SessionStreams(link.number, false, link.submit != null, false));
        streamsChanged(link);
        payloadsDue = true;
    }

    PayloadAsks payloads() {
        return payloads;
    }

    void sendSoon(Outgoing one) {
        outgoing.add(one);
    }

    void acknowledge(SessionLink link, long upTo) {
        if (!scheduler.isOpen(link.number)) {
            return;
        }
        long completions = scheduler.completions(link.number);
        if (upTo > completions) {
            throw Checks.invalid(
                    "acknowledged is " + upTo + ", but only " + completions + " completions have been sent");
        }
        tell(new Event.CompletionsAcknowledged(link.number, upTo));
    }

    // ------------------------------------------------------------------------------------------------ hosts

    /** False when another stream has taken this one's place, or it never had one. */
    boolean forgetHost(HostStream stream) {
        outgoing.remove(stream);
        return hosts.forget(stream);
    }

    void shutDown() {
        shutDown = true;
        hosts.endAll(SHUTTING_DOWN);
        List<SessionLink> ended = sessions.all();
        ended.forEach(session -> session.end(SHUTTING_DOWN));
        ended.forEach(session -> blobs.release(session.id()));
        sessions.clear();
        payloads.refuseAll(SHUTTING_DOWN);
    }
}

package io.farpool.coordinator.endpoint;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.scheduling.Event;
import io.farpool.proto.v1.Credit;
import io.farpool.proto.v1.Limits;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.Startup;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions that this coordinator has: answers Open, and finds a session by the id that a stream says it belongs to, or by the
 * number that it has in the scheduler. Used only where the switchboard is drained.
 */
final class SessionLinks {
    private static final Logger log = LoggerFactory.getLogger(SessionLinks.class);

    private final Switchboard switchboard;
    private final long leaseMillis;
    private final Map<String, SessionLink> byId = new LinkedHashMap<>();
    private final Map<Integer, SessionLink> byNumber = new LinkedHashMap<>();
    private int lastNumber;
    /** Which session's client was asked last for a blob. */
    private int lastAsked;

    /** @param leaseMillis how long a session lives without its streams */
    SessionLinks(Switchboard switchboard, long leaseMillis) {
        this.switchboard = switchboard;
        this.leaseMillis = leaseMillis;
    }

    // ------------------------------------------------------------------------------------------------ opening

    OpenResponse open(OpenRequest request) {
        switchboard.requireRunning();
        SessionLink link = byId.get(request.getSessionId());
        if (link == null) {
            link = newSession(request);
        } else if (!link.knows(request.getSessionSecret())) {
            throw somebodyElses(link.id());
        } else if (!switchboard.scheduler.isOpen(link.number)) {
            throw Status.NOT_FOUND
                    .withDescription("session " + link.id() + " has been closed, and is about to end")
                    .asRuntimeException();
        } else {
            link.openAgain(request.getOpening());
            if (request.getResuming()) {
                // What is still on its way on the streams before must not come after what the new ones say.
                link.endStreams(Status.ABORTED.withDescription("the session was opened again"));
            }
            switchboard.streamsChanged(link);
        }
        return OpenResponse.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setEpoch(switchboard.epoch)
                .setKnown(link.begun)
                .setLimits(Limits.newBuilder()
                        .setMaxInlinePayloadBytes(Protocol.MAX_INLINE_PAYLOAD_BYTES)
                        .setMaxMessageBytes(Protocol.MAX_MESSAGE_BYTES)
                        .setSessionLeaseMillis(leaseMillis))
                .setCredit(Credit.newBuilder()
                        .setTasks(switchboard.scheduler.creditTasks(link.number))
                        .setPayloadBytes(switchboard.scheduler.creditBytes(link.number)))
                .build();
    }

    private SessionLink newSession(OpenRequest request) {
        if (byNumber.size() >= switchboard.settings.maxSessions()) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("there are " + byNumber.size() + " sessions, as many as this coordinator may have")
                    .asRuntimeException();
        }
        int number = nextNumber();
        SessionLink link = new SessionLink(
                number, request, switchboard.settings, (host, bytes) -> switchboard.logTaken(number, host, bytes));
        byNumber.put(link.number, link);
        byId.put(link.id(), link);
        switchboard.tell(new Event.SessionOpened(
                link.number,
                link.id(),
                request.getMaxWorkers(),
                request.getProcess().getStartup() == Startup.ALL_AT_ONCE,
                request.getResuming(),
                request.getKnownHostsList()));
        log.info(
                "session={} opened name=\"{}\" max_workers={} client_version={} resuming={} known_hosts={}",
                link.id(),
                Checks.shown(request.getName()),
                request.getMaxWorkers(),
                Checks.shown(request.getClientVersion()),
                request.getResuming(),
                request.getKnownHostsCount());
        return link;
    }

    /** For a session, or for one that hosts have from another coordinator. */
    int nextNumber() {
        return ++lastNumber;
    }

    // ------------------------------------------------------------------------------------------------ finding

    /** The session that a stream says it belongs to; throws the status for a stream that says anything else. */
    SessionLink of(String id, ByteString secret, long theirEpoch, long opening) {
        switchboard.requireRunning();
        if (!Checks.isSessionId(id)) {
            throw Checks.invalid("the first message must carry session_id, 32 lower-case hexadecimal digits, not '"
                    + Checks.shown(id) + "'");
        }
        if (theirEpoch != switchboard.epoch) {
            throw Status.FAILED_PRECONDITION
                    .withDescription(
                            "epoch " + Long.toUnsignedString(theirEpoch) + " is another coordinator's; this one's is "
                                    + Long.toUnsignedString(switchboard.epoch) + ": open again")
                    .asRuntimeException();
        }
        SessionLink link = byId.get(id);
        if (link == null) {
            throw Status.NOT_FOUND
                    .withDescription("there is no session " + id + " here, or it has expired")
                    .asRuntimeException();
        }
        if (!link.knows(secret)) {
            throw somebodyElses(id);
        }
        link.requireThisOpening(opening);
        return link;
    }

    private static StatusRuntimeException somebodyElses(String id) {
        return Status.PERMISSION_DENIED
                .withDescription("session " + id + " is somebody else's: the secret is not its own")
                .asRuntimeException();
    }

    @Nullable
    SessionLink byId(String id) {
        return byId.get(id);
    }

    @Nullable
    SessionLink byNumber(int number) {
        return byNumber.get(number);
    }

    /** As of now. */
    List<SessionLink> all() {
        return new ArrayList<>(byNumber.values());
    }

    /** One of those that have something, and whose client can be told so: each of them in turn. */
    @Nullable
    SessionLink nextToAsk(Predicate<SessionLink> has) {
        SessionLink next = null;
        for (SessionLink session : byNumber.values()) { // in the order of their numbers
            if (session.completionsStream() != null && has.test(session)) {
                if (session.number > lastAsked) {
                    next = session;
                    break;
                } else if (next == null) {
                    next = session;
                }
            }
        }
        if (next != null) {
            lastAsked = next.number;
        }
        return next;
    }

    /** What a host is told of a session; null if that has ended. */
    @Nullable
    SessionOpened introduction(int number) {
        SessionLink link = byNumber.get(number);
        return link == null ? null : link.introduction();
    }

    // ------------------------------------------------------------------------------------------------ ending

    void remove(SessionLink ended) {
        byNumber.remove(ended.number);
        byId.remove(ended.id());
    }

    void clear() {
        byNumber.clear();
        byId.clear();
    }
}

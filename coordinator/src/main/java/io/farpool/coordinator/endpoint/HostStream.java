package io.farpool.coordinator.endpoint;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.scheduling.Decision;
import io.farpool.coordinator.scheduling.Event;
import io.farpool.proto.v1.Adoption;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.CancelAttempt;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.Load;
import io.farpool.proto.v1.LogTaken;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SessionLog;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.SharedReleased;
import io.farpool.proto.v1.Welcome;
import io.farpool.wire.Protocol;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One attach stream of a host: hello, pages of state once they are wanted, then reports one way and batches of orders the other. */
final class HostStream implements StreamObserver<Report>, Outgoing {
    /** About what one takes on the wire, without the messages inside it. */
    private static final int ENTRY_BYTES = 24;

    private static final int DIGESTS_AT_ONCE = 1_000;

    private final Switchboard switchboard;
    private final SerialQueue<Runnable> queue;
    private final OutStream<Order> orders;

    private @Nullable Hello hello;
    private final List<SessionHeld> sessions = new ArrayList<>();
    private final List<AttemptHeld> attempts = new ArrayList<>();
    private long stateBytes;
    private long heldProcesses;
    private boolean inPlace;
    private boolean attached;
    private boolean draining;
    private Load load = Load.getDefaultInstance();
    /** The sessions that the host has been told of on this stream, and not to close. */
    private final Set<Integer> introduced = new HashSet<>();

    private Order.Builder batch = Order.newBuilder();
    private long batchBytes;

    HostStream(Switchboard switchboard, SerialQueue<Runnable> queue, OutStream<Order> orders) {
        this.switchboard = switchboard;
        this.queue = queue;
        this.orders = orders;
    }

    @Override
    public void onNext(Report report) {
        queue.post(() -> take(report));
    }

    @Override
    public void onError(Throwable broken) {
        queue.post(this::broke);
    }

    @Override
    public void onCompleted() {
        queue.post(() -> {
            if (draining && attached && !hasEnded()) {
                switchboard.tell(new Event.HostLeft(name()));
            }
            orders.complete();
            broke();
        });
    }

    String name() {
        return hello == null ? "" : hello.getHost();
    }

    boolean knows(ByteString secret) {
        return hello != null && MessageDigest.isEqual(hello.getSecret().toByteArray(), secret.toByteArray());
    }

    String jdk() {
        return hello == null ? "" : hello.getCapabilities().getJdk();
    }

    Load load() {
        return load;
    }

    boolean isAttached() {
        return attached;
    }

    /** The stream is gone, and the host with it unless it comes back. */
    void broke() {
        orders.abandon();
        if (switchboard.forgetHost(this) && attached) {
            switchboard.tell(new Event.HostDetached(name()));
        }
    }

    void end(Status status) {
        send();
        orders.fail(status);
    }

    /** Or is about to: its host has been released, and may have begun anew on another by now. */
    private boolean hasEnded() {
        return orders.hasEnded() || (inPlace && switchboard.hosts.of(name()) != this);
    }

    private void take(Report report) {
        if (hasEnded()) {
            return;
        }
        try {
            Checks.report(report, switchboard.settings);
            if (hello == null) {
                begin(report);
                return;
            }
            if (report.hasHello()) {
                throw Checks.invalid("hello may be in the first message of a stream only");
            }
            if (!inPlace) {
                inPlace = true;
                switchboard.hosts.takePlace(this);
            }
            if (!attached) {
                collectState(report);
            }
            if (attached) {
                apply(report);
            }
        } catch (StatusRuntimeException refused) {
            orders.fail(refused.getStatus());
            broke();
        }
    }

    private void begin(Report report) {
        if (!report.hasHello()) {
            throw Checks.invalid("the first message of a stream must carry hello");
        }
        if (!report.equals(Report.newBuilder().setHello(report.getHello()).build())) {
            throw Checks.invalid("hello must be alone in its message: the state follows when it is wanted");
        }
        Checks.hello(report.getHello());
        hello = report.getHello();
        switchboard.hosts.begin(this);
        orders.send(Order.newBuilder().setStateWanted(true).build());
    }

    private void collectState(Report report) {
        sessions.addAll(report.getSessionsList());
        attempts.addAll(report.getAttemptsList());
        stateBytes += report.getSerializedSize();
        for (SessionHeld session : report.getSessionsList()) {
            heldProcesses += session.getProcesses();
        }
        requireAtMost(
                switchboard.settings.maxStateEntries(), sessions.size() + attempts.size(), "sessions and attempts");
        requireAtMost(switchboard.settings.maxStateBytes(), stateBytes, "bytes of sessions, attempts and outcomes");
        requireAtMost(Protocol.MAX_SLOTS, heldProcesses, "processes");
        if (report.getStateComplete() && hello != null) {
            switchboard.tell(new Event.HostAttached(
                    hello.getHost(),
                    hello.getIncarnation(),
                    hello.getSlots(),
                    hello.getHeldResultBytes() > 0 ? hello.getHeldResultBytes() : Long.MAX_VALUE,
                    List.copyOf(sessions),
                    List.copyOf(attempts)));
            sessions.clear();
            attempts.clear();
        } else if (report.getOutcomesCount() + report.getReturnedCount() + report.getQuotasConfirmedCount() > 0) {
            throw Checks.invalid("outcomes, returned and quotas_confirmed must follow state_complete");
        }
    }

    private static void requireAtMost(long most, long held, String what) {
        if (held > most) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription(
                            "a host may speak of at most " + most + " " + what + " when it attaches, not " + held)
                    .asRuntimeException();
        }
    }

    private void apply(Report report) {
        String host = name();
        if (report.getStartedCount() > 0) {
            switchboard.tell(new Event.AttemptsStarted(host, report.getStartedList()));
        }
        if (report.getProgressCount() > 0) {
            switchboard.tell(new Event.AttemptsProgressed(host, report.getProgressList()));
        }
        for (SessionLog log : report.getLogsList()) {
            switchboard.forwardLog(host, log);
        }
        if (report.getDraining() && !draining) {
            draining = true;
            switchboard.tell(new Event.HostDraining(host));
        }
        if (report.getOutcomesCount() > 0) {
            switchboard.tell(new Event.AttemptsEnded(host, report.getOutcomesList()));
        }
        for (SessionProblem problem : report.getProblemsList()) {
            switchboard.tell(new Event.ProblemReported(host, withoutReference(problem)));
        }
        if (report.getReturnedCount() > 0) {
            switchboard.tell(new Event.AttemptsReturned(host, report.getReturnedList()));
        }
        if (report.getQuotasConfirmedCount() > 0) {
            switchboard.tell(new Event.QuotasConfirmed(host, report.getQuotasConfirmedList()));
        }
        if (report.hasLoad()) {
            load = report.getLoad();
            switchboard.tell(new Event.HostHeard(host));
        }
    }

    /** What an initializer threw has no name by which its payload could be asked for; the rest of it says enough. */
    private static SessionProblem withoutReference(SessionProblem problem) {
        if (!problem.getInitializerThrew().getException().hasReference()) {
            return problem;
        }
        SessionProblem.Builder without = problem.toBuilder();
        without.getInitializerThrewBuilder().clearException();
        return without.build();
    }

    /** Adds to what goes out with the next flush, or sends at once what has grown large. */
    void add(Decision.ForHost decision) {
        if (!attached && !(decision instanceof Decision.Welcome)) {
            return;
        }
        if (decision instanceof Decision.Run run) {
            batch.addRuns(Run.newBuilder()
                    .setSession(run.session())
                    .setAttempt(run.attempt())
                    .setStartNumber(run.startNumber())
                    .setTask(run.task()));
            grow(ENTRY_BYTES + run.task().getSerializedSize());
        } else if (decision instanceof Decision.Acknowledge acknowledge) {
            batch.addAcknowledged(acknowledge.attempt());
            grow(ENTRY_BYTES);
        } else if (decision instanceof Decision.Adopt adopt) {
            batch.addAdopted(Adoption.newBuilder().setHeld(adopt.held()).setAttempt(adopt.attempt()));
            grow(ENTRY_BYTES);
        } else if (decision instanceof Decision.DropAttempt drop) {
            if (drop.settled()) {
                batch.addSettled(drop.held());
            } else {
                batch.addDropped(drop.held());
            }
            grow(ENTRY_BYTES);
        } else if (decision instanceof Decision.Recall recall) {
            batch.addRecalls(recall.attempt());
            grow(ENTRY_BYTES);
        } else if (decision instanceof Decision.CancelAttempt cancel) {
            batch.addCancels(
                    CancelAttempt.newBuilder().setAttempt(cancel.attempt()).setEvenIfRunning(cancel.evenIfRunning()));
            grow(ENTRY_BYTES);
        } else if (decision instanceof Decision.SetQuota quota) {
            batch.addQuotas(Quota.newBuilder()
                    .setSession(quota.session())
                    .setProcesses(quota.processes())
                    .setRevision(quota.revision()));
            grow(ENTRY_BYTES);
        } else if (decision instanceof Decision.OpenSession open) {
            SessionOpened introduction = switchboard.sessions.introduction(open.session());
            if (introduction != null) {
                introduce(introduction);
                introduced.add(open.session());
            }
        } else if (decision instanceof Decision.CloseSession close) {
            introduced.remove(close.session());
            batch.addSessionsClosed(
                    SessionClosed.newBuilder().setSession(close.session()).setKill(close.kill()));
        } else if (decision instanceof Decision.DropSession drop) {
            int number = switchboard.sessions.nextNumber();
            introduce(SessionOpened.newBuilder()
                    .setSession(number)
                    .setSessionId(drop.sessionId())
                    .build());
            batch.addSessionsClosed(SessionClosed.newBuilder().setSession(number));
        } else if (decision instanceof Decision.Welcome welcome) {
            attached = true;
            batch.setWelcome(welcome());
            for (AttemptName dropped : welcome.dropped()) {
                batch.addDropped(dropped);
                grow(ENTRY_BYTES);
            }
        } else {
            throw new AssertionError("not for an attach stream: " + decision);
        }
    }

    /** What is closed under one number may be opened again under another: in that order. */
    private void introduce(SessionOpened introduction) {
        if (batch.getSessionsClosedCount() > 0) {
            send();
        }
        batch.addSessionsOpened(introduction);
        grow(introduction.getSerializedSize());
    }

    private void grow(long bytes) {
        batchBytes += bytes;
        if (batchBytes >= Protocol.BATCH_BYTES) {
            send();
        }
    }

    /** Adds that so many bytes of a session's log lines have gone on. */
    void addLogTaken(int session, long bytes) {
        if (attached) {
            batch.addLogsTaken(LogTaken.newBuilder().setSession(session).setBytes(bytes));
        }
    }

    /** The host is to send a payload; false if it is not attached yet, and nothing but its welcome may be sent. */
    boolean addWanted(PayloadWanted wanted) {
        if (!attached || orders.hasEnded()) {
            return false;
        }
        batch.addPayloadsWanted(wanted);
        grow(ENTRY_BYTES);
        return true;
    }

    /** The session needs these shared values no more; false if that is nothing to this host. */
    boolean release(int session, List<Digest> digests) {
        if (!introduced.contains(session)) {
            return false;
        }
        for (int from = 0; from < digests.size(); from += DIGESTS_AT_ONCE) {
            SharedReleased released = SharedReleased.newBuilder()
                    .setSession(session)
                    .addAllDigests(digests.subList(from, Math.min(from + DIGESTS_AT_ONCE, digests.size())))
                    .build();
            batch.addSharedReleased(released);
            grow(ENTRY_BYTES + released.getSerializedSize());
        }
        return true;
    }

    private Welcome welcome() {
        return Welcome.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setEpoch(switchboard.epoch)
                .setLeaseMillis(switchboard.hostLeaseMillis)
                .setHeartbeatMillis(switchboard.settings.heartbeatMillis())
                .build();
    }

    @Override
    public void send() {
        Order message = batch.build();
        batch = Order.newBuilder();
        batchBytes = 0;
        if (!message.equals(Order.getDefaultInstance())) {
            orders.send(message);
        }
    }
}

package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.worker.hosting.HostDecision;
import io.farpool.worker.hosting.PayloadProblem;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fetches what tasks of a host need, as its daemon does: some at a time; what may pass is tried again until it is dropped, what
 * may not, a few times.
 */
final class SimulatedFetches {
    private static final int MOST_AT_ONCE = 4;
    private static final int MOST_TRIES = 5;
    private static final int MOST_TRIES_GONE = 2;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final Simulation simulation;
    private final SimulatedHost host;
    private final Map<Long, Fetch> fetches = new LinkedHashMap<>();
    private final ArrayDeque<Fetch> waiting = new ArrayDeque<>();
    private int running;

    private static final class Fetch {
        final long number;
        final ReceiveRequest request;
        final PayloadReference expected;
        /** The disk has no room for it, however often it is tried. */
        boolean unlucky;

        int tries;
        int lasting;
        boolean dropped;

        @Nullable
        SimulatedReceipt receipt;

        @Nullable
        String path;

        Fetch(long number, ReceiveRequest request, PayloadReference expected) {
            this.number = number;
            this.request = request;
            this.expected = expected;
        }
    }

    SimulatedFetches(Simulation simulation, SimulatedHost host) {
        this.simulation = simulation;
        this.host = host;
    }

    /** What is on its way. */
    int size() {
        int count = 0;
        for (Fetch fetch : fetches.values()) {
            count += fetch.path == null ? 1 : 0;
        }
        return count;
    }

    int sizeOf(String sessionId) {
        int count = 0;
        for (Fetch fetch : fetches.values()) {
            count += fetch.path == null && fetch.request.getSessionId().equals(sessionId) ? 1 : 0;
        }
        return count;
    }

    boolean isEmpty() {
        return fetches.isEmpty() && waiting.isEmpty() && running == 0;
    }

    void fetch(HostDecision.FetchPayload wanted, long incarnation) {
        ReceiveRequest request = ReceiveRequest.newBuilder()
                .setSessionId(wanted.sessionId())
                .setSequence(wanted.sequence())
                .setArgument(ReceiveRequest.Argument.newBuilder()
                        .setHost(host.name)
                        .setIncarnation(incarnation)
                        .setSecret(SimulatedAttachment.secret(host.name, incarnation)))
                .build();
        Fetch fetch = new Fetch(wanted.fetch(), request, wanted.reference());
        // Sessions that cannot have their initializer are left out of the host, or break.
        fetch.unlucky = !simulation.faultless
                && !host.world.calm
                && (wanted.sequence() > 0 || simulation.startsFail)
                && host.world.chance(0.01);
        if (fetches.put(fetch.number, fetch) != null) {
            simulation.rules.broken(host.name + " fetches twice by one number: " + wanted);
        }
        enter(fetch);
    }

    private void enter(Fetch fetch) {
        waiting.add(fetch);
        host.later(0, this::startNext);
    }

    private void startNext() {
        while (running < MOST_AT_ONCE && !waiting.isEmpty()) {
            Fetch next = waiting.remove();
            if (!next.dropped) {
                running++;
                next.tries++;
                next.receipt = new SimulatedReceipt(
                                simulation,
                                host,
                                next.request,
                                next.expected,
                                (bytes, failure) -> ended(next, bytes, failure))
                        .begun();
            }
        }
    }

    private void ended(Fetch fetch, @Nullable ByteString bytes, @Nullable Throwable failure) {
        running--;
        fetch.receipt = null;
        if (!fetch.dropped && bytes != null && !fetch.unlucky) {
            String path = "/" + host.name + "/a" + fetch.number + "-" + fetch.tries;
            fetch.path = path;
            host.files.put(path, bytes);
            host.later(host.world.below(3), () -> host.fetched(fetch.number, path));
        } else if (!fetch.dropped) {
            failed(fetch, problem(bytes != null ? null : Status.fromThrowable(failure)));
        }
        startNext();
    }

    private void failed(Fetch fetch, @Nullable PayloadProblem problem) {
        fetch.lasting = problem == null ? 0 : fetch.lasting + 1;
        if (problem != null && fetch.lasting >= (problem == PayloadProblem.GONE ? MOST_TRIES_GONE : MOST_TRIES)) {
            fetches.remove(fetch.number);
            host.later(host.world.below(3), () -> host.notFetched(fetch.number, problem));
        } else {
            long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(fetch.tries - 1, 10));
            host.later(pause, () -> {
                if (!fetch.dropped) {
                    enter(fetch);
                }
            });
        }
    }

    /**
     * As the daemon's.
     *
     * @param status null: it has come, and there is no room for it
     */
    private static @Nullable PayloadProblem problem(@Nullable Status status) {
        if (status == null) {
            return PayloadProblem.DISK;
        }
        return switch (status.getCode()) {
            case NOT_FOUND -> PayloadProblem.GONE;
            case UNAVAILABLE,
                    RESOURCE_EXHAUSTED,
                    PERMISSION_DENIED,
                    ABORTED,
                    CANCELLED,
                    DEADLINE_EXCEEDED,
                    INTERNAL,
                    UNKNOWN -> null;
            case OK,
                    INVALID_ARGUMENT,
                    ALREADY_EXISTS,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    DATA_LOSS,
                    UNAUTHENTICATED -> PayloadProblem.UNREADABLE;
        };
    }

    void drop(long number) {
        Fetch fetch = fetches.remove(number);
        if (fetch == null) {
            return; // it has failed, and the core has not heard of that yet
        }
        fetch.dropped = true;
        waiting.remove(fetch);
        if (fetch.receipt != null) {
            fetch.receipt.cancel();
        }
        if (fetch.path != null) {
            host.files.remove(fetch.path);
        }
    }

    @Override
    public String toString() {
        return fetches.size() + " fetches, " + size() + " on their way";
    }
}

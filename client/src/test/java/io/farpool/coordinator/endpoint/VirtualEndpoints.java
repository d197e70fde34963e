package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.payload.PayloadSenders;
import io.farpool.coordinator.payload.PayloadsEndpoint;
import io.farpool.coordinator.scheduling.Event;
import io.farpool.coordinator.scheduling.HostView;
import io.farpool.coordinator.scheduling.OfferView;
import io.farpool.coordinator.scheduling.Rest;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.coordinator.scheduling.SessionView;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.PoolGrpc;
import io.farpool.wire.SerialQueue;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The coordinator's real endpoints and scheduler, on somebody else's clock and without a thread. */
public final class VirtualEndpoints {
    private static final SessionBlobs NO_BLOBS = new SessionBlobs() {
        @Override
        public List<Digest> hold(String holder, List<Digest> digests) {
            return List.of();
        }

        @Override
        public void handOver(String holder, String sessionId) {}

        @Override
        public void holdShared(String sessionId, List<Digest> digests) {}

        @Override
        public void releaseShared(String sessionId, List<Digest> digests) {}

        @Override
        public long received() {
            return 0;
        }

        @Override
        public long receivedBytes() {
            return 0;
        }

        @Override
        public void release(String holder) {}
    };

    private final Switchboard switchboard;
    private final SerialQueue<Runnable> queue;
    private final LongSupplier clockMillis;
    private final PoolEndpoint pool;
    private final HostsEndpoint hosts;
    private final PayloadsEndpoint payloads;

    /**
     * With an empty memory.
     *
     * @param fault is told of what the core threw
     * @param relay makes what relays large payloads
     */
    public VirtualEndpoints(
            EndpointSettings settings,
            SchedulerSettings scheduling,
            long epoch,
            LongSupplier clockMillis,
            Consumer<Throwable> fault,
            Function<PayloadSenders, PayloadsEndpoint> relay) {
        this.clockMillis = clockMillis;
        switchboard = new Switchboard(settings, scheduling, epoch, NO_BLOBS, clockMillis);
        queue = new SerialQueue<>(
                new SerialQueue.Core<Runnable>() {
                    @Override
                    public void apply(Runnable event) {
                        switchboard.apply(event);
                    }

                    @Override
                    public void flush() {
                        switchboard.flush();
                    }

                    @Override
                    public void fault(Throwable bug) {
                        fault.accept(bug);
                    }
                },
                Runnable::run);
        pool = new PoolEndpoint(switchboard, queue, NO_BLOBS, Runnable::run);
        hosts = new HostsEndpoint(switchboard, queue);
        payloads = relay.apply(switchboard.payloads().by(queue));
    }

    /** The clients' service. */
    public PoolGrpc.PoolImplBase pool() {
        return pool;
    }

    /** The hosts' service. */
    public HostsGrpc.HostsImplBase hosts() {
        return hosts;
    }

    /** The relay of large payloads. */
    public PayloadsEndpoint payloads() {
        return payloads;
    }

    /** As the coordinator's own thread does; {@code gapMillis} if it could not for so long, else 0. */
    public void tick(long gapMillis) {
        if (gapMillis > 0) {
            queue.post(() -> switchboard.tell(new Event.ClockJumped(gapMillis)));
        }
        if (clockMillis.getAsLong() >= switchboard.deadlineMillis()) {
            queue.post(() -> switchboard.tell(new Event.TimePassed()));
        }
    }

    /** Ends every stream, as on SIGTERM. */
    public void shutDown() {
        queue.post(switchboard::shutDown);
        payloads.close();
    }

    /** All hosts as they are now. */
    public List<HostView> hostViews() {
        return switchboard.scheduler.hosts();
    }

    /** All sessions as they are now. */
    public List<SessionView> sessionViews() {
        return switchboard.scheduler.sessions();
    }

    /** An outcome that is offered to its client; null if it is not (any more). */
    public @Nullable OfferView offer(String sessionId, long attempt) {
        SessionLink link = switchboard.sessions.byId(sessionId);
        return link == null ? null : switchboard.scheduler.offer(link.number, attempt);
    }

    /** The session that hosts call by this number; null if there is none. */
    public @Nullable String sessionId(int number) {
        SessionLink link = switchboard.sessions.byNumber(number);
        return link == null ? null : link.id();
    }

    /** Whether nothing is remembered of any task or attempt. */
    public boolean isAtRest() {
        return Rest.isAtRest(switchboard.scheduler) && payloads.transfersInProgress() == 0;
    }
}

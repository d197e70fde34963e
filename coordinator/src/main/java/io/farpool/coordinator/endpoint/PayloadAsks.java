package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.payload.PayloadSenders;
import io.farpool.coordinator.payload.PayloadSenders.Receiver;
import io.farpool.coordinator.scheduling.OfferView;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Payloads that somebody waits for and nobody sends yet: who may have them, who has them, and on which stream that one was
 * asked. How many there are is bounded by the transfers that there may be. Used only where the switchboard is drained.
 */
final class PayloadAsks {
    private final Switchboard switchboard;
    /** By transfer, in the order they came. */
    private final Map<Long, Ask> asks = new LinkedHashMap<>();

    /** What is waited for. */
    private static final class Ask {
        final ReceiveRequest request;
        final long transfer;
        final Receiver receiver;
        /** Null: the sender was away. */
        @Nullable
        Object askedOn;

        Ask(ReceiveRequest request, long transfer, Receiver receiver) {
            this.request = request;
            this.transfer = transfer;
            this.receiver = receiver;
        }
    }

    PayloadAsks(Switchboard switchboard) {
        this.switchboard = switchboard;
    }

    /** The way here from anywhere. */
    PayloadSenders by(SerialQueue<Runnable> queue) {
        return new PayloadSenders() {
            @Override
            public void ask(ReceiveRequest request, long transfer, Receiver receiver) {
                queue.post(() -> PayloadAsks.this.ask(request, transfer, receiver));
            }

            @Override
            public void stopAsking(long transfer) {
                queue.post(() -> asks.remove(transfer));
            }
        };
    }

    private void ask(ReceiveRequest request, long transfer, Receiver receiver) {
        Ask ask = new Ask(request, transfer, receiver);
        asks.put(transfer, ask);
        look(ask);
    }

    /** A sender has a new stream, or something has come to its end. */
    void lookAgain() {
        for (Ask ask : new ArrayList<>(asks.values())) {
            look(ask);
        }
    }

    void refuseAll(Status status) {
        for (Ask ask : new ArrayList<>(asks.values())) {
            asks.remove(ask.transfer);
            ask.receiver.refuse(status);
        }
    }

    private void look(Ask ask) {
        try {
            switchboard.requireRunning();
            ReceiveRequest request = ask.request;
            if (!Checks.isSessionId(request.getSessionId())) {
                throw Checks.invalid("session_id must be 32 lower-case hexadecimal digits, not '"
                        + Checks.shown(request.getSessionId()) + "'");
            }
            switch (request.getReceiverCase()) {
                case ARGUMENT -> askClient(ask, request.getArgument());
                case RESULT -> askHost(ask, request.getResult());
                case RECEIVER_NOT_SET -> throw Checks.invalid("argument or result must be set");
            }
        } catch (StatusRuntimeException refused) {
            asks.remove(ask.transfer);
            ask.receiver.refuse(refused.getStatus());
        }
    }

    private void askHost(Ask ask, ReceiveRequest.Result result) {
        ReceiveRequest request = ask.request;
        SessionLink link = session(request.getSessionId());
        if (!link.knows(result.getSecret())) {
            throw Status.PERMISSION_DENIED
                    .withDescription("session " + link.id() + " is somebody else's: the secret is not its own")
                    .asRuntimeException();
        }
        OfferView offer = result.getEpoch() == switchboard.epoch
                ? switchboard.scheduler.offer(link.number, result.getAttempt())
                : null;
        if (offer == null || offer.sequence() != request.getSequence()) {
            throw Status.NOT_FOUND
                    .withDescription("no outcome of attempt " + result.getAttempt() + " of task "
                            + request.getSequence() + " is offered (any more)")
                    .asRuntimeException();
        }
        HostStream host = switchboard.hosts.of(offer.host());
        PayloadWanted wanted = PayloadWanted.newBuilder()
                .setTransfer(ask.transfer)
                .setAttempt(result.getAttempt())
                .build();
        if (host == null || host != ask.askedOn) {
            ask.receiver.expect(offer.payloadBytes());
            ask.askedOn = host != null && host.addWanted(wanted) ? host : null;
            sendSoon(host);
        }
    }

    private void askClient(Ask ask, ReceiveRequest.Argument argument) {
        ReceiveRequest request = ask.request;
        String host = argument.getHost();
        HostStream receiving = switchboard.hosts.of(host);
        if (receiving == null || !receiving.isAttached()) {
            throw Status.UNAVAILABLE
                    .withDescription("host '" + Checks.shown(host) + "' is not attached here")
                    .asRuntimeException();
        }
        if (!receiving.knows(argument.getSecret())) {
            throw Status.PERMISSION_DENIED
                    .withDescription("the secret is not that of host " + host)
                    .asRuntimeException();
        }
        if (!switchboard.scheduler.isAttached(host, argument.getIncarnation())) {
            throw Status.PERMISSION_DENIED
                    .withDescription("host " + host + " is attached in another incarnation")
                    .asRuntimeException();
        }
        if (switchboard.scheduler.mayYetSpeak(host, request.getSessionId())) {
            throw Status.UNAVAILABLE
                    .withDescription("the client of session " + request.getSessionId()
                            + " has not said here what is pending; try again")
                    .asRuntimeException();
        }
        SessionLink link = session(request.getSessionId());
        if (!switchboard.scheduler.isIntroduced(host, link.number)) {
            throw Status.PERMISSION_DENIED
                    .withDescription("session " + link.id() + " was not introduced to host " + host)
                    .asRuntimeException();
        }
        long size = argumentBytes(link, request.getSequence(), host);
        Object stream = link.completionsStream();
        PayloadWanted wanted = PayloadWanted.newBuilder()
                .setTransfer(ask.transfer)
                .setSequence(request.getSequence())
                .build();
        if (stream == null || stream != ask.askedOn) {
            ask.receiver.expect(size);
            ask.askedOn = link.addWanted(wanted) ? stream : null;
            sendSoon(link);
        }
    }

    private long argumentBytes(SessionLink link, long sequence, String host) {
        if (sequence != 0) {
            OptionalLong size = switchboard.scheduler.argumentBytes(link.number, sequence, host);
            return size.orElseThrow(() -> Status.NOT_FOUND
                    .withDescription("task " + sequence + " is not at host " + host
                            + " (any more), or its payload is no reference")
                    .asRuntimeException());
        }
        Payload initializer = link.request.getProcess().getInitializer();
        if (!initializer.hasReference()) {
            throw Status.NOT_FOUND
                    .withDescription("the initializer of session " + link.id() + " is no reference")
                    .asRuntimeException();
        }
        return initializer.getReference().getSizeBytes();
    }

    private SessionLink session(String id) {
        SessionLink link = switchboard.sessions.byId(id);
        if (link == null || !switchboard.scheduler.isOpen(link.number)) {
            throw Status.NOT_FOUND
                    .withDescription("there is no session " + id + " here (any more)")
                    .asRuntimeException();
        }
        return link;
    }

    private void sendSoon(@Nullable Outgoing one) {
        if (one != null) {
            switchboard.sendSoon(one);
        }
    }
}

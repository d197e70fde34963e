package io.farpool.coordinator.payload;

import com.google.protobuf.ByteString;
import io.farpool.blob.StallWatch;
import io.farpool.proto.v1.PayloadChunk;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.SendRequest;
import io.farpool.wire.Protocol;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One payload on its way from its sender to its receiver.
 *
 * <pre>
 *   begin ──▶ asked ── the sender's first message ──▶ flowing ── all has come ──▶ ended
 *               └─ refused, given up, stalled ──▶ ended ◀── broken, given up, stalled ─┘
 * </pre>
 * The next chunk is asked for once the receiver's transport takes more, so that one chunk is here at most, besides what the
 * two transports buffer. Whoever breaks off, the other is told. Thread-safe.
 */
final class Relay implements PayloadSenders.Receiver, SerialQueue.Core<Runnable> {
    private static final Logger log = LoggerFactory.getLogger(Relay.class);

    static final Status NOBODY_WAITS = Status.NOT_FOUND.withDescription("nobody waits for that transfer (any more)");
    private static final Status GIVEN_UP = Status.CANCELLED.withDescription("the receiver has given up");

    private final long transfer;
    private final PayloadSenders senders;
    private final StreamObserver<PayloadChunk> receiver;
    private final @Nullable ServerCallStreamObserver<PayloadChunk> receiverCall;
    private final Runnable whenEnded;
    private final SerialQueue<Runnable> queue;
    private final StallWatch watch;
    private final Duration stall;

    // Touched only by what the queue runs.
    private long expectedBytes = Long.MAX_VALUE;
    private long passedBytes;
    private @Nullable Sending sender;
    /** The sender waits until the receiver takes more. */
    private boolean held;

    private boolean ended;

    /**
     * @param stall how long it may stand still
     * @param afterStall runs what it is given after that time
     * @param successor goes on when a transport's thread has done its turn
     * @param whenEnded runs once
     */
    Relay(
            long transfer,
            PayloadSenders senders,
            StreamObserver<PayloadChunk> receiver,
            Duration stall,
            Executor afterStall,
            Executor successor,
            Runnable whenEnded) {
        this.transfer = transfer;
        this.senders = senders;
        this.receiver = receiver;
        this.receiverCall = receiver instanceof ServerCallStreamObserver<PayloadChunk> server ? server : null;
        this.whenEnded = whenEnded;
        this.stall = stall;
        this.queue = new SerialQueue<>(this, successor);
        this.watch = StallWatch.start(afterStall, () -> queue.post(this::stalled));
    }

    /** Has the sender asked. To be called before the RPC's handler returns. */
    void begin(ReceiveRequest request) {
        if (receiverCall != null) {
            receiverCall.setOnReadyHandler(() -> queue.post(this::receiverReady));
            receiverCall.setOnCancelHandler(() -> queue.post(this::receiverLeft));
        }
        senders.ask(request, transfer, this);
    }

    @Override
    public void expect(long sizeBytes) {
        queue.post(() -> expectedBytes = sizeBytes);
    }

    @Override
    public void refuse(Status status) {
        queue.post(() -> endBoth(status, status));
    }

    /** A message of its sender. */
    void take(Sending from, SendRequest message) {
        queue.post(() -> {
            if (sender == null && !ended) {
                sender = from;
                senders.stopAsking(transfer);
            }
            if (sender != from || ended) {
                from.fail(NOBODY_WAITS);
                return;
            }
            watch.progressed();
            if (message.hasGone()) {
                gone(message.getGone());
            } else {
                pass(message.getData());
            }
        });
    }

    /** Its sender has sent all. */
    void finish(Sending from) {
        queue.post(() -> {
            if (sender != from || ended) {
                from.fail(NOBODY_WAITS);
            } else if (expectedBytes != Long.MAX_VALUE && passedBytes != expectedBytes) {
                malformed("the payload has " + passedBytes + " bytes, not the " + expectedBytes + " announced");
            } else {
                end();
                receiver.onCompleted();
                from.succeed();
            }
        });
    }

    void senderFailed(Sending from, Status status) {
        queue.post(() -> {
            if (sender == from && !ended) {
                malformed(String.valueOf(status.getDescription()));
            } else {
                from.fail(status);
            }
        });
    }

    void senderBroke(Sending from) {
        queue.post(() -> {
            if (sender == from) {
                endBoth(
                        Status.UNAVAILABLE.withDescription("the sender broke off after " + passedBytes + " bytes"),
                        GIVEN_UP);
            }
        });
    }

    private void gone(SendRequest.Gone gone) {
        Sending from = sender;
        if (passedBytes > 0 && !gone.getUnreadable()) {
            malformed("gone must be said instead of data, not after " + passedBytes + " bytes");
            return;
        }
        Status status = gone.getUnreadable()
                ? Status.DATA_LOSS.withDescription("the sender cannot read the payload: " + shown(gone.getMessage()))
                : Status.NOT_FOUND.withDescription("the payload is not there (any more)");
        end();
        receiver.onError(status.asRuntimeException());
        if (from != null) {
            from.succeed();
        }
    }

    private static String shown(String message) {
        return message.length() > 1_000 ? message.substring(0, 1_000) + "…" : message;
    }

    private void pass(ByteString data) {
        if (data.size() > Protocol.CHUNK_BYTES) {
            malformed("a chunk is at most " + Protocol.CHUNK_BYTES + " bytes, not " + data.size());
            return;
        }
        if (data.size() > expectedBytes - passedBytes) {
            malformed("the payload has at least " + (passedBytes + data.size()) + " bytes, not the " + expectedBytes
                    + " announced");
            return;
        }
        if (!data.isEmpty()) {
            passedBytes += data.size();
            receiver.onNext(PayloadChunk.newBuilder().setData(data).build());
        }
        held = true;
        receiverReady();
    }

    private void receiverReady() {
        if (held && !ended && sender != null && (receiverCall == null || receiverCall.isReady())) {
            held = false;
            sender.request();
        }
    }

    private void receiverLeft() {
        if (!ended) {
            Sending from = sender;
            end();
            if (from != null) {
                from.fail(GIVEN_UP);
            }
        }
    }

    private void stalled() {
        String what = sender == null
                ? "nothing was sent within " + stall.toMillis() + " ms"
                : "nothing went on for " + stall.toMillis() + " ms after " + passedBytes + " bytes";
        endBoth(Status.UNAVAILABLE.withDescription(what), Status.DEADLINE_EXCEEDED.withDescription(what));
    }

    private void malformed(String what) {
        endBoth(Status.DATA_LOSS.withDescription(what), Status.INVALID_ARGUMENT.withDescription(what));
    }

    private void endBoth(Status forReceiver, Status forSender) {
        if (!ended) {
            Sending from = sender;
            log.debug("transfer={} ended passed_bytes={} status={}", transfer, passedBytes, forReceiver);
            end();
            receiver.onError(forReceiver.asRuntimeException());
            if (from != null) {
                from.fail(forSender);
            }
        }
    }

    private void end() {
        ended = true;
        watch.end();
        senders.stopAsking(transfer);
        whenEnded.run();
    }

    @Override
    public void apply(Runnable step) {
        step.run();
    }

    @Override
    public void flush() {}

    @Override
    public void fault(Throwable bug) {
        log.error("transfer={} failed: a bug", transfer, bug);
        endBoth(Status.INTERNAL.withDescription(bug.toString()), Status.INTERNAL.withDescription(bug.toString()));
    }
}

package io.farpool.coordinator.endpoint;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sending half of a stream, whose other end may be gone at any time. Used only where the switchboard is drained.
 */
final class OutStream<M> {
    private static final Logger log = LoggerFactory.getLogger(OutStream.class);

    private final String name;
    private final StreamObserver<M> observer;
    private boolean ended;

    OutStream(String name, StreamObserver<M> observer) {
        this.name = name;
        this.observer = observer;
    }

    /** False when what is sent now would only pile up in the transport. */
    boolean isReady() {
        return !(observer instanceof ServerCallStreamObserver<M> call) || call.isReady();
    }

    boolean hasEnded() {
        return ended;
    }

    /** A stream that turns out to be broken says so through its own cancellation; until then what is sent is lost. */
    void send(M message) {
        if (!ended) {
            try {
                observer.onNext(message);
            } catch (RuntimeException broken) {
                log.debug("stream={} send=failed", name, broken);
            }
        }
    }

    void complete() {
        if (!ended) {
            ended = true;
            try {
                observer.onCompleted();
            } catch (RuntimeException broken) {
                log.debug("stream={} complete=failed", name, broken);
            }
        }
    }

    void fail(Status status) {
        if (!ended) {
            ended = true;
            try {
                observer.onError(status.asRuntimeException());
            } catch (RuntimeException broken) {
                log.debug("stream={} fail=failed status={}", name, status, broken);
            }
        }
    }

    /** The other end is gone. */
    void abandon() {
        ended = true;
    }
}

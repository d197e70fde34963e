package io.farpool.bench.scale;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PoolGrpc;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.farpool.wire.Protocol;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A session without a client library: hands in small tasks by the thousand, and counts completions. {@link #submit} for one thread. */
final class LoadClient {
    private static final int BATCH_TASKS = 1_000;
    private static final Payload PAYLOAD =
            Payload.newBuilder().setInline(ByteString.copyFrom(new byte[64])).build();
    private static final long POLL_NANOS = 200_000;

    private final String id;
    private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    private final Submitting submitting = new Submitting();
    private final AtomicLong completed = new AtomicLong();
    private long sequence;

    LoadClient(Channel channel) {
        byte[] random = new byte[16];
        ThreadLocalRandom.current().nextBytes(random);
        id = HexFormat.of().formatHex(random);
        ByteString secret = ByteString.copyFrom(random);
        long epoch = PoolGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .open(OpenRequest.newBuilder()
                        .setProtocolVersion(Protocol.VERSION)
                        .setSessionId(id)
                        .setSessionSecret(secret)
                        .setName("scale")
                        .setProcess(ProcessSpec.newBuilder().setMainClass("none.Such"))
                        .build())
                .getEpoch();
        StreamObserver<SubmitRequest> ignored = PoolGrpc.newStub(channel).submit(submitting);
        send(SubmitRequest.newBuilder()
                .setSessionId(id)
                .setSecret(secret)
                .setEpoch(epoch)
                .setPendingComplete(true)
                .build());
        PoolGrpc.newStub(channel)
                .completions(
                        CompletionsRequest.newBuilder()
                                .setSessionId(id)
                                .setSecret(secret)
                                .setEpoch(epoch)
                                .build(),
                        new Completing());
    }

    String id() {
        return id;
    }

    /** Hands in so many tasks, as fast as the stream takes them. */
    void submit(int tasks) {
        for (int sent = 0; sent < tasks; ) {
            SubmitRequest.Builder batch = SubmitRequest.newBuilder();
            for (int i = 0; i < BATCH_TASKS && sent < tasks; i++, sent++) {
                sequence++;
                batch.addTasks(Task.newBuilder().setSequence(sequence).setPayload(PAYLOAD));
            }
            send(batch.build());
            while (!submitting.isReady()) {
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    /** Waits until so many have been completed in all. */
    void awaitCompleted(long tasks, long patienceSeconds) throws TimeoutException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(patienceSeconds);
        while (completed.get() < tasks) {
            Throwable failure = broken.get();
            if (failure != null) {
                throw new IllegalStateException("a stream has ended", failure);
            }
            if (System.nanoTime() - until > 0) {
                throw new TimeoutException(
                        "after " + patienceSeconds + " s " + completed.get() + " of " + tasks + " tasks are completed");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private void send(SubmitRequest request) {
        submitting.send(request);
    }

    private final class Completing implements StreamObserver<CompletionsResponse> {
        private long acknowledged;

        @Override
        public void onNext(CompletionsResponse response) {
            int count = response.getCompletionsCount();
            if (count > 0) {
                long unused = completed.addAndGet(count);
                long newest = response.getCompletions(count - 1).getNumber();
                if (newest > acknowledged) {
                    acknowledged = newest;
                    send(SubmitRequest.newBuilder().setAcknowledged(newest).build());
                }
            }
        }

        @Override
        public void onError(Throwable failure) {
            broken.compareAndSet(null, failure);
        }

        @Override
        public void onCompleted() {
            // The session has ended, as it was asked to.
        }
    }

    private final class Submitting implements ClientResponseObserver<SubmitRequest, SubmitResponse> {
        private @Nullable ClientCallStreamObserver<SubmitRequest> out;

        @Override
        public synchronized void beforeStart(ClientCallStreamObserver<SubmitRequest> stream) {
            out = stream;
        }

        synchronized boolean isReady() {
            return out != null && out.isReady();
        }

        synchronized void send(SubmitRequest request) {
            if (out == null) {
                throw new IllegalStateException("not open");
            }
            out.onNext(request);
        }

        @Override
        public void onNext(SubmitResponse response) {
            // It has nothing in it.
        }

        @Override
        public void onError(Throwable failure) {
            broken.compareAndSet(null, failure);
        }

        @Override
        public void onCompleted() {
            // The session has ended, as it was asked to.
        }
    }
}

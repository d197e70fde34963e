package io.farpool.worker.payload;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.PayloadChunk;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.SendRequest;
import io.farpool.proto.v1.SendResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.CRC32C;

/** A coordinator's end of payload streams that has all payloads itself, and can be told to misbehave. */
public final class PayloadRelay extends PayloadsGrpc.PayloadsImplBase {
    private static final int CHUNK_BYTES = 1 << 20;

    /** What can be received, by sequence number. */
    public final Map<Long, byte[]> payloads = new ConcurrentHashMap<>();
    /** Receives that are answered with these instead, the first one first. */
    final Queue<Status> failures = new ConcurrentLinkedQueue<>();
    /** Receives that get one byte wrong. */
    final Queue<Boolean> damages = new ConcurrentLinkedQueue<>();
    /** Receives that are not answered until they are told to. */
    final Queue<Runnable> held = new ConcurrentLinkedQueue<>();

    volatile boolean holds;
    public final List<ReceiveRequest> received = new CopyOnWriteArrayList<>();
    /** What has been sent, by transfer. */
    public final Map<Long, byte[]> sent = new ConcurrentHashMap<>();

    public final Map<Long, SendRequest.Gone> gone = new ConcurrentHashMap<>();

    /** A payload that can be received. */
    public PayloadReference offer(long sequence, byte[] bytes) {
        payloads.put(sequence, bytes);
        return reference(bytes);
    }

    public static PayloadReference reference(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return PayloadReference.newBuilder()
                .setSizeBytes(bytes.length)
                .setCrc32C((int) crc.getValue())
                .build();
    }

    @Override
    public void receive(ReceiveRequest request, StreamObserver<PayloadChunk> response) {
        received.add(request);
        if (holds) {
            held.add(() -> answer(request, response));
        } else {
            answer(request, response);
        }
    }

    private void answer(ReceiveRequest request, StreamObserver<PayloadChunk> response) {
        Status failure = failures.poll();
        byte[] bytes = payloads.get(request.getSequence());
        if (failure == null && bytes == null) {
            failure = Status.NOT_FOUND;
        }
        if (failure != null) {
            response.onError(failure.asRuntimeException());
            return;
        }
        byte[] right = bytes.clone();
        if (damages.poll() != null) {
            right[right.length / 2] ^= 1;
        }
        for (int from = 0; from < right.length; from += CHUNK_BYTES) {
            response.onNext(PayloadChunk.newBuilder()
                    .setData(ByteString.copyFrom(right, from, Math.min(CHUNK_BYTES, right.length - from)))
                    .build());
        }
        response.onCompleted();
    }

    @Override
    public StreamObserver<SendRequest> send(StreamObserver<SendResponse> response) {
        return new StreamObserver<>() {
            private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            private long transfer;
            private boolean isGone;

            @Override
            public void onNext(SendRequest request) {
                transfer = request.getTransfer() == 0 ? transfer : request.getTransfer();
                if (request.hasGone()) {
                    isGone = true;
                    gone.put(transfer, request.getGone());
                }
                bytes.writeBytes(request.getData().toByteArray());
            }

            @Override
            public void onError(Throwable thrown) {}

            @Override
            public void onCompleted() {
                if (!isGone) {
                    sent.put(transfer, bytes.toByteArray());
                }
                response.onNext(SendResponse.getDefaultInstance());
                response.onCompleted();
            }
        };
    }
}

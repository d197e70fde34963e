package io.farpool.worker.blob;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A coordinator's end that can be told to misbehave. */
final class TestBlobs extends BlobsGrpc.BlobsImplBase {
    static final int CHUNK_BYTES = 1 << 20;

    final Map<BlobDigest, byte[]> contents = new ConcurrentHashMap<>();
    final AtomicInteger gets = new AtomicInteger();
    /** What was asked for, in that order. */
    final Queue<BlobDigest> asked = new ConcurrentLinkedQueue<>();

    final AtomicInteger failuresLeft = new AtomicInteger();
    final CountDownLatch mayAnswer = new CountDownLatch(1);
    volatile Status failure = Status.UNAVAILABLE;
    final AtomicInteger damagedLeft = new AtomicInteger();
    volatile boolean hold;

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> response) {
        gets.incrementAndGet();
        asked.add(BlobDigest.of(request.getDigest()));
        if (hold) {
            new Thread(() -> answerWhenAllowed(request, response)).start();
        } else {
            answer(request, response);
        }
    }

    private void answerWhenAllowed(GetRequest request, StreamObserver<GetResponse> response) {
        try {
            if (!mayAnswer.await(30, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            return;
        }
        answer(request, response);
    }

    private void answer(GetRequest request, StreamObserver<GetResponse> response) {
        byte[] content = contents.get(BlobDigest.of(request.getDigest()));
        boolean fails = failuresLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        if (content == null) {
            response.onError(Status.NOT_FOUND.withDescription("it is not here").asRuntimeException());
            return;
        }
        byte[] sent = content.clone();
        if (damagedLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            sent[sent.length / 2] ^= 1;
        }
        int most = fails ? sent.length / 2 : sent.length;
        for (int from = 0; from < most; from += CHUNK_BYTES) {
            response.onNext(GetResponse.newBuilder()
                    .setChunk(ByteString.copyFrom(sent, from, Math.min(CHUNK_BYTES, most - from)))
                    .build());
        }
        if (fails) {
            response.onError(failure.asRuntimeException());
        } else {
            response.onCompleted();
        }
    }
}

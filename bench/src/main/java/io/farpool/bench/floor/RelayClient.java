package io.farpool.bench.floor;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The relay's client: sends, and waits for as much to come back. For any threads, but not with messages that differ. */
final class RelayClient extends Incoming {
    private static final long PATIENCE_SECONDS = 60;

    private final Semaphore arrived = new Semaphore(0);
    private final StreamObserver<byte[]> out;

    RelayClient(String address) {
        out = RelayChannel.open(address, RelayService.CALL, this);
    }

    @Override
    public void onNext(byte[] message) {
        arrived.release();
    }

    /** Sends a message {@code times} times, at most {@code window} ahead of what has come back, and waits for all. */
    void exchange(byte[] message, int times, int window) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            send(message);
            if (i >= window) {
                await(1);
            }
        }
        await(Math.min(times, window));
    }

    private synchronized void send(byte[] message) {
        out.onNext(message);
    }

    private void await(int messages) throws InterruptedException {
        if (!arrived.tryAcquire(messages, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the relay does not answer");
        }
    }
}

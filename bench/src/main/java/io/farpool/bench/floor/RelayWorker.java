package io.farpool.bench.floor;

import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** Sends back what the relay at the address that it is given sends it. Ends with its standard input. */
final class RelayWorker extends Incoming {
    private volatile @Nullable StreamObserver<byte[]> back;

    private RelayWorker() {}

    public static void main(String[] args) throws Exception {
        RelayWorker worker = new RelayWorker();
        worker.back = RelayChannel.open(args[0], RelayService.WORK, worker);
        System.out.println("ready");
        System.out.flush();
        while (System.in.read() >= 0) {
            // Nothing is ever said.
        }
        Runtime.getRuntime().halt(0);
    }

    @Override
    public void onNext(byte[] message) {
        StreamObserver<byte[]> to = back;
        if (to != null) {
            to.onNext(message);
        }
    }
}

package io.farpool.session;

import com.google.protobuf.ByteString;
import io.farpool.payload.PayloadFile;
import io.farpool.payload.PayloadReceipt;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.session.SessionCore.Offer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** How large outcomes come to a client: relayed by the coordinator, or by taking the host's file where both share a machine. */
final class ReceivingLine {
    private ReceivingLine() {}

    /**
     * Over the network.
     *
     * @param secret the session's
     * @param disk runs what blocks on files
     */
    static Receipts.Line remote(
            PayloadsGrpc.PayloadsStub payloads, String sessionId, ByteString secret, Executor disk) {
        return (sequence, offer, file) -> {
            ReceiveRequest request = ReceiveRequest.newBuilder()
                    .setSessionId(sessionId)
                    .setSequence(sequence)
                    .setResult(ReceiveRequest.Result.newBuilder()
                            .setSecret(secret)
                            .setEpoch(offer.epoch())
                            .setAttempt(offer.attempt()))
                    .build();
            PayloadReceipt receipt = new PayloadReceipt(request, offer.reference(), file, disk);
            return new Receipts.Transfer(
                    receipt.start(payloads), () -> receipt.cancel("the outcome is not wanted any more"));
        };
    }

    /** On this machine. The host removes its file when it hears that the outcome has been taken; a second name keeps the bytes. */
    static Receipts.Line local() {
        return (sequence, offer, file) -> new Receipts.Transfer(linked(offer, file), () -> {});
    }

    private static CompletableFuture<PayloadFile> linked(Offer offer, Path file) {
        PayloadReference reference = offer.reference();
        try {
            PayloadFile host = PayloadFile.of(reference);
            link(host.path(), file);
            return CompletableFuture.completedFuture(
                    new PayloadFile(file, reference.getSizeBytes(), reference.getCrc32C()));
        } catch (IOException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static void link(Path from, Path to) throws IOException {
        try {
            Files.createLink(to, from);
        } catch (NoSuchFileException gone) {
            throw gone;
        } catch (IOException | UnsupportedOperationException otherFileSystem) {
            Files.copy(from, to);
        }
    }
}

package io.farpool.worker.process;

import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes large payloads that processes have written into files the daemon's: they are moved out of the process's directory,
 * which goes with the process, before anybody hears of them. A process is user code, so what it says of them is checked.
 * Thread-safe.
 */
final class PayloadClaims {
    private final DaemonDirectory directory;
    private final AtomicLong claimed = new AtomicLong();

    /** A process has named a payload that it must not, or that is not there. It is not to be listened to any more. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    PayloadClaims(DaemonDirectory directory) {
        this.directory = directory;
    }

    /** The message for a process, with what only a daemon can say of where its payloads go. */
    ToProcess completed(long process, ToProcess message) {
        if (!message.hasPrepare()) {
            return message;
        }
        ToProcess.Builder completed = message.toBuilder();
        completed
                .getPrepareBuilder()
                .setPayloadDirectory(directory.payloadsOf(process).toString())
                .setMaxInlinePayloadBytes(Protocol.MAX_INLINE_PAYLOAD_BYTES);
        return completed.build();
    }

    /**
     * The message, its files moved.
     *
     * @throws RefusedException when a payload is larger than it may be inside a message, or is not a file in the process's
     *     directory, or not of the size that is said
     */
    FromProcess claim(long process, FromProcess message) {
        boolean prepareFailed = message.getPrepareFailed().hasException();
        if (message.getOutcomesCount() == 0 && !prepareFailed) {
            return message;
        }
        FromProcess.Builder claimedMessage = null;
        for (int i = 0; i < message.getOutcomesCount(); i++) {
            ProcessOutcome outcome = message.getOutcomes(i);
            Payload payload = outcome.hasResult()
                    ? outcome.getResult()
                    : outcome.getFailure().getException();
            if (needsNoClaim(payload)) {
                continue;
            }
            claimedMessage = claimedMessage == null ? message.toBuilder() : claimedMessage;
            Payload ours = claim(process, payload);
            ProcessOutcome.Builder builder = claimedMessage.getOutcomesBuilder(i);
            if (outcome.hasResult()) {
                builder.setResult(ours);
            } else {
                builder.getFailureBuilder().setException(ours);
            }
        }
        if (prepareFailed && !needsNoClaim(message.getPrepareFailed().getException())) {
            Failure failed = message.getPrepareFailed();
            claimedMessage = claimedMessage == null ? message.toBuilder() : claimedMessage;
            claimedMessage.setPrepareFailed(failed.toBuilder().setException(claim(process, failed.getException())));
        }
        return claimedMessage == null ? message : claimedMessage.build();
    }

    private static boolean needsNoClaim(Payload payload) {
        int inlineBytes = payload.getInline().size();
        if (inlineBytes > Protocol.MAX_INLINE_PAYLOAD_BYTES) {
            throw new RefusedException("a payload of " + inlineBytes + " bytes is inside a message, expected at most "
                    + Protocol.MAX_INLINE_PAYLOAD_BYTES);
        }
        return !payload.hasReference();
    }

    private Payload claim(long process, Payload payload) {
        PayloadReference reference = payload.getReference();
        Path ours = directory.payloads().resolve("r" + claimed.incrementAndGet());
        try {
            Path theirs = Path.of(reference.getPath());
            if (!directory.payloadsOf(process).equals(theirs.getParent())) {
                throw new RefusedException("a payload is said to be in " + theirs + ", expected a file in "
                        + directory.payloadsOf(process));
            }
            BasicFileAttributes found =
                    Files.readAttributes(theirs, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!found.isRegularFile() || found.size() != reference.getSizeBytes()) {
                throw new RefusedException("a payload is said to be a file of " + reference.getSizeBytes()
                        + " bytes, and " + theirs + (found.isRegularFile() ? " has " + found.size() : " is none"));
            }
            Files.move(theirs, ours, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException missing) {
            throw new RefusedException(
                    "a payload is said to be in " + missing.getFile() + ", and there is no such file");
        } catch (IOException | IllegalArgumentException failure) {
            throw new RefusedException("a payload cannot be taken: " + failure);
        }
        return Payload.newBuilder()
                .setReference(reference.toBuilder().setPath(ours.toString()))
                .build();
    }
}

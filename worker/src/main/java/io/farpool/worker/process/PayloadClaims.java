package io.farpool.worker.process;

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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes large payloads that processes have written into files the daemon's: they are moved out of the process's directory,
 * which goes with the process, before anybody hears of them. A process is user code, so what it says of them is checked.
 * Thread-safe.
 */
final class PayloadClaims {
    private static final Logger log = LoggerFactory.getLogger(PayloadClaims.class);

    private final DaemonDirectory directory;
    private final AtomicLong lastClaimed = new AtomicLong();

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
     * Whether a message names files, which are to be claimed before anybody hears of it. Does not go to the disk.
     *
     * @throws RefusedException when an outcome says neither result nor failure, or a payload is larger than it may be inside a
     *     message
     */
    boolean namesFiles(FromProcess message) {
        boolean files = isFile(message.getPrepareFailed().getException());
        for (int i = 0; i < message.getOutcomesCount(); i++) {
            files |= isFile(payload(message.getOutcomes(i)));
        }
        return files;
    }

    /**
     * The message, its files moved.
     *
     * @throws RefusedException as {@link #namesFiles} does, and when a payload is larger than it may be at all, or is not a file
     *     in the process's directory, or not of the size that is said
     */
    FromProcess claim(long process, FromProcess message) {
        List<Path> moved = new ArrayList<>(0);
        try {
            return claim(process, message, moved);
        } catch (RuntimeException | Error failure) {
            moved.forEach(PayloadClaims::remove);
            throw failure;
        }
    }

    private FromProcess claim(long process, FromProcess message, List<Path> moved) {
        FromProcess.Builder claimed = null;
        for (int i = 0; i < message.getOutcomesCount(); i++) {
            ProcessOutcome outcome = message.getOutcomes(i);
            Payload theirs = payload(outcome);
            if (isFile(theirs)) {
                Payload ours = claim(process, theirs, moved);
                claimed = claimed == null ? message.toBuilder() : claimed;
                ProcessOutcome.Builder builder = claimed.getOutcomesBuilder(i);
                if (outcome.hasResult()) {
                    builder.setResult(ours);
                } else {
                    builder.getFailureBuilder().setException(ours);
                }
            }
        }
        Payload thrown = message.getPrepareFailed().getException();
        if (isFile(thrown)) {
            claimed = claimed == null ? message.toBuilder() : claimed;
            claimed.getPrepareFailedBuilder().setException(claim(process, thrown, moved));
        }
        return claimed == null ? message : claimed.build();
    }

    /** Whoever passes on an outcome without one would be taken for malformed itself. */
    private static Payload payload(ProcessOutcome outcome) {
        switch (outcome.getKindCase()) {
            case RESULT -> {
                if (outcome.getResult().getBodyCase() == Payload.BodyCase.BODY_NOT_SET) {
                    throw new RefusedException(
                            "the result of ordinal " + outcome.getOrdinal() + " is empty, expected bytes");
                }
                return outcome.getResult();
            }
            case FAILURE -> {
                return outcome.getFailure().getException();
            }
            case KIND_NOT_SET ->
                throw new RefusedException(
                        "the outcome of ordinal " + outcome.getOrdinal() + " is empty, expected a result or a failure");
        }
        throw new AssertionError(outcome.getKindCase());
    }

    private static boolean isFile(Payload payload) {
        int inlineBytes = payload.getInline().size();
        if (inlineBytes > Protocol.MAX_INLINE_PAYLOAD_BYTES) {
            throw new RefusedException("a payload of " + inlineBytes + " bytes is inside a message, expected at most "
                    + Protocol.MAX_INLINE_PAYLOAD_BYTES);
        }
        return payload.hasReference();
    }

    private Payload claim(long process, Payload payload, List<Path> moved) {
        PayloadReference reference = payload.getReference();
        Path ours = directory.payloads().resolve("r" + lastClaimed.incrementAndGet());
        try {
            move(process, reference, ours);
        } catch (NoSuchFileException missing) {
            throw new RefusedException(
                    "a payload is said to be in " + missing.getFile() + ", and there is no such file");
        } catch (IOException | IllegalArgumentException failure) {
            throw new RefusedException("a payload cannot be taken: " + failure);
        }
        moved.add(ours);
        return Payload.newBuilder()
                .setReference(reference.toBuilder().setPath(ours.toString()))
                .build();
    }

    private void move(long process, PayloadReference reference, Path ours) throws IOException {
        if (reference.getSizeBytes() > Protocol.MAX_PAYLOAD_BYTES) {
            // A file with holes can be. Told to the coordinator, it would be the daemon's mistake.
            throw new RefusedException("a payload is said to have " + reference.getSizeBytes()
                    + " bytes, expected at most " + Protocol.MAX_PAYLOAD_BYTES);
        }
        Path theirs = Path.of(reference.getPath());
        if (!directory.payloadsOf(process).equals(theirs.getParent())) {
            throw new RefusedException(
                    "a payload is said to be in " + theirs + ", expected a file in " + directory.payloadsOf(process));
        }
        BasicFileAttributes found = Files.readAttributes(theirs, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile() || found.size() == 0 || found.size() != reference.getSizeBytes()) {
            throw new RefusedException("a payload is said to be a file of " + reference.getSizeBytes() + " bytes, and "
                    + theirs + (found.isRegularFile() ? " has " + found.size() : " is none"));
        }
        Files.move(theirs, ours, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.debug("event=payload-not-removed file={} reason=\"{}\"", file, e.toString());
        }
    }
}

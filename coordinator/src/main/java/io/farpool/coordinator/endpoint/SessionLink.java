package io.farpool.coordinator.endpoint;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.scheduling.Decision;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Credit;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.GrantRequest;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OutcomeOffer;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.Progress;
import io.farpool.proto.v1.Retry;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SessionBroken;
import io.farpool.proto.v1.SessionHosts;
import io.farpool.proto.v1.SessionLog;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.Started;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/** A session as its client sees it: who it is, its two streams when they are there, and what is to be sent next. */
final class SessionLink implements Outgoing {
    // About what they take on the wire, without the messages inside them.
    private static final int GRANT_REQUEST_BYTES = 64;
    private static final int INTERVAL_BYTES = 16;
    private static final int ENTRY_BYTES = 32;

    final int number;
    final OpenRequest request;
    private final LogLines logLines;

    /** The newest submit stream; null when there is none. */
    @Nullable
    SubmitStream submit;
    /** No more will be submitted, so that a submit stream is not missed. */
    boolean closeSeen;
    /** A stream has come since it was opened, so the client has had the answer to that. */
    boolean begun;

    /** The shared values that are kept for it. */
    final Set<Digest> shared = new HashSet<>();

    /** By which the client knows the Open that it has sent last. */
    private long opening;

    /** Made when somebody first asks for a blob in vain. */
    private @Nullable Set<Digest> classPath;

    private @Nullable OutStream<CompletionsResponse> completions;
    private CompletionsResponse.Builder batch = CompletionsResponse.newBuilder();
    private long batchBytes;

    /** @param logTaken is told that so many bytes of a host's log lines have gone on */
    SessionLink(int number, OpenRequest request, EndpointSettings settings, ObjLongConsumer<String> logTaken) {
        this.number = number;
        this.request = request;
        this.opening = request.getOpening();
        this.logLines = new LogLines(settings.logBytes(), logTaken);
    }

    String id() {
        return request.getSessionId();
    }

    boolean knows(ByteString secret) {
        return MessageDigest.isEqual(request.getSessionSecret().toByteArray(), secret.toByteArray());
    }

    /** Nothing that comes late, over a connection that the client has given up, must be taken for its newest word. */
    void requireThisOpening(long said) {
        if (said != opening) {
            throw Status.ABORTED
                    .withDescription("the session was opened last by opening " + opening + ", not " + said)
                    .asRuntimeException();
        }
    }

    void openAgain(long newer) {
        if (newer < opening) {
            requireThisOpening(newer);
        }
        opening = newer;
    }

    boolean attached() {
        return completions != null && (submit != null || closeSeen);
    }

    /** The client can be asked for a grant, and can give it. */
    boolean answering() {
        return completions != null && submit != null;
    }

    boolean isCompletions(OutStream<CompletionsResponse> stream) {
        return completions == stream;
    }

    /** The newest completions stream replaces the one before; null: it broke. */
    void completions(@Nullable OutStream<CompletionsResponse> stream) {
        OutStream<CompletionsResponse> older = completions;
        completions = stream;
        begun |= stream != null;
        batch = CompletionsResponse.newBuilder();
        batchBytes = 0;
        if (stream == null) {
            logLines.letHostsGoOn();
        }
        if (older != null && stream != null) {
            older.fail(Status.ABORTED.withDescription("another completions stream of this session is newer"));
        }
    }

    void end(Status status) {
        sendBatches(true);
        if (completions != null) {
            if (status.isOk()) {
                completions.complete();
            } else {
                completions.fail(status);
            }
            completions = null;
        }
        if (submit != null) {
            submit.end(status);
            submit = null;
        }
    }

    /** The streams end, the session goes on. */
    void endStreams(Status status) {
        if (completions != null) {
            completions.fail(status);
            completions(null);
        }
        if (submit != null) {
            submit.end(status);
            submit = null;
        }
    }

    SessionOpened introduction() {
        return SessionOpened.newBuilder()
                .setSession(number)
                .setSessionId(request.getSessionId())
                .setName(request.getName())
                .setProcess(request.getProcess())
                .setBundle(request.getBundle())
                .build();
    }

    /** Adds to what goes out with the next flush, or sends at once what has grown large. */
    void add(Decision.ForSession decision) {
        if (completions == null) {
            return;
        }
        if (decision instanceof Decision.Complete complete) {
            batch.addCompletions(Completion.newBuilder()
                    .setNumber(complete.number())
                    .setSequence(complete.sequence())
                    .setOutcome(complete.outcome())
                    .setAttempts(complete.attempts())
                    .setUncounted(complete.uncounted()));
            grow(ENTRY_BYTES + complete.outcome().getSerializedSize());
        } else if (decision instanceof Decision.OfferOutcome offer) {
            batch.addOffers(OutcomeOffer.newBuilder()
                    .setSequence(offer.sequence())
                    .setAttempt(offer.attempt())
                    .setOutcome(offer.outcome()));
            grow(ENTRY_BYTES + offer.outcome().getSerializedSize());
        } else if (decision instanceof Decision.GrantCredit credit) {
            batch.setCredit(Credit.newBuilder().setTasks(credit.tasks()).setPayloadBytes(credit.payloadBytes()));
        } else if (decision instanceof Decision.ReportStarted started) {
            batch.addStarted(
                    Started.newBuilder().setSequence(started.sequence()).setPlace(started.place()));
            grow(ENTRY_BYTES + started.place().getSerializedSize());
        } else if (decision instanceof Decision.ReportRetry retry) {
            batch.addRetries(Retry.newBuilder()
                    .setSequence(retry.sequence())
                    .setAttemptsUsed(retry.attemptsUsed())
                    .setBecause(retry.because()));
            grow(ENTRY_BYTES + retry.because().getSerializedSize());
        } else if (decision instanceof Decision.WantTasks want) {
            for (SequenceInterval interval : want.wanted()) {
                batch.addWanted(interval);
                grow(INTERVAL_BYTES);
            }
        } else if (decision instanceof Decision.RequestGrant grant) {
            batch.addGrantRequests(GrantRequest.newBuilder()
                    .setSequence(grant.sequence())
                    .setAttempt(grant.attempt())
                    .setHost(grant.host())
                    .setIncarnation(grant.incarnation()));
            grow(GRANT_REQUEST_BYTES);
        } else if (decision instanceof Decision.TellHosts hosts) {
            batch.setHosts(SessionHosts.newBuilder().addAllHosts(hosts.hosts()));
        } else if (decision instanceof Decision.ReportProgress progress) {
            if (!completions.isReady()) {
                return; // the next one says more; they do not pile up for a client that is slow
            }
            batch.addProgress(Progress.newBuilder()
                    .setSequence(progress.sequence())
                    .setFraction(progress.fraction())
                    .setMessage(progress.message()));
            grow(ENTRY_BYTES + progress.message().length());
        } else if (decision instanceof Decision.BreakSession broken) {
            SessionBroken.Builder message = SessionBroken.newBuilder().setMessage(broken.message());
            if (broken.failure() != null) {
                message.setFailure(broken.failure());
            }
            batch.setBroken(message);
        } else {
            throw new AssertionError("not for a completions stream: " + decision);
        }
    }

    /** Takes in what a host's processes printed. It goes out when the stream takes more, behind what is not log lines. */
    void addLog(String host, SessionLog log) {
        logLines.add(host, log, completions != null);
    }

    /** The client is to send a payload; false if it has no stream to be told so on. */
    boolean addWanted(PayloadWanted wanted) {
        if (completions == null) {
            return false;
        }
        batch.addPayloadsWanted(wanted);
        grow(ENTRY_BYTES);
        return true;
    }

    /** The client is to put a shared value again. */
    void addSharedWanted(Digest digest) {
        if (completions != null) {
            batch.addSharedWanted(digest);
            grow(digest.getSerializedSize());
        }
    }

    /** The client is to put again what is missing of its bundle. */
    void addBundleWanted() {
        if (completions != null) {
            batch.setBundleWanted(true);
        }
    }

    /** Whether it is of the session's class path. */
    boolean runs(Digest digest) {
        if (classPath == null) {
            Set<Digest> digests = new HashSet<>();
            request.getBundle().getEntriesList().forEach(entry -> digests.add(entry.getDigest()));
            classPath = digests;
        }
        return classPath.contains(digest);
    }

    /** What the client is told on now; null: nothing. */
    @Nullable
    Object completionsStream() {
        return completions;
    }

    private void grow(long bytes) {
        batchBytes += bytes;
        if (batchBytes >= Protocol.BATCH_BYTES) {
            send();
        }
    }

    @Override
    public void send() {
        sendBatches(false);
    }

    /** Sends what is there; log lines as far as the stream takes them without piling up, or all of them. */
    private void sendBatches(boolean all) {
        OutStream<CompletionsResponse> stream = completions;
        if (stream == null) {
            return;
        }
        do {
            if (!logLines.isEmpty() && (all || stream.isReady())) {
                logLines.moveTo(batch, Protocol.BATCH_BYTES / 4);
            }
            CompletionsResponse message = batch.build();
            batch = CompletionsResponse.newBuilder();
            batchBytes = 0;
            if (!message.equals(CompletionsResponse.getDefaultInstance())) {
                stream.send(message);
            }
        } while (!logLines.isEmpty() && (all || stream.isReady()));
    }
}

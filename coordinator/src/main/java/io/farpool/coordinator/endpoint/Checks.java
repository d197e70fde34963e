package io.farpool.coordinator.endpoint;

import com.google.protobuf.MessageLite;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.Task;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * What a message must be like, apart from what the coordinator knows. Violations are gRPC statuses that name the
 * value and the expectation.
 */
final class Checks {
    private static final int MAX_NAME_CHARACTERS = 200;
    private static final int SECRET_BYTES = 16;
    private static final int MAX_SECRET_BYTES = 1_024;
    private static final int DIGEST_BYTES = 32;
    private static final int MAX_BUNDLE_ENTRIES = 10_000;

    // What a client says goes on to hosts, and some of it in frames to processes, behind a batch of others': these keep
    // that well below the limits of both. They count fields that are not known here too, since those go on as well.
    private static final int MAX_TASK_BYTES_BESIDE_PAYLOAD = 64 << 10;
    private static final int MAX_PROCESS_BYTES_BESIDE_INITIALIZER = 1 << 20;
    private static final int MAX_BUNDLE_BYTES = 8 << 20;
    private static final int MAX_CAPABILITIES_BYTES = 64 << 10;
    private static final int MAX_DIGEST_BYTES = 256;

    private Checks() {}

    static StatusRuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw invalid(message);
        }
    }

    static void version(int theirs) {
        if (theirs != Protocol.VERSION) {
            throw Status.FAILED_PRECONDITION
                    .withDescription("protocol version " + theirs + " is not spoken here, only " + Protocol.VERSION)
                    .asRuntimeException();
        }
    }

    static void open(OpenRequest open, EndpointSettings settings) {
        version(open.getProtocolVersion());
        if (!isSessionId(open.getSessionId())) {
            throw invalid(
                    "session_id must be 32 lower-case hexadecimal digits, not '" + shown(open.getSessionId()) + "'");
        }
        int secret = open.getSessionSecret().size();
        if (secret < SECRET_BYTES) {
            throw invalid("session_secret must have 16 bytes or more, not " + secret);
        }
        require(secret <= MAX_SECRET_BYTES, "session_secret must have at most 1,024 bytes, not " + secret);
        name("name", open.getName());
        name("client_version", open.getClientVersion());
        require(!open.getProcess().getMainClass().isEmpty(), "process.main_class must be set");
        require(open.getMaxWorkers() >= 0, "max_workers must be less than 2^31");
        require(open.getProcess().getMaxTasksPerProcess() >= 0, "process.max_tasks_per_process must be less than 2^31");
        if (open.getProcess().hasInitializer()) {
            payload("process.initializer", open.getProcess().getInitializer(), settings);
        }
        size("process", open.getProcess(), Protocol.MAX_INLINE_PAYLOAD_BYTES + MAX_PROCESS_BYTES_BESIDE_INITIALIZER);
        if (open.getKnownHostsCount() > settings.maxHosts()) {
            throw invalid("known_hosts must be at most " + settings.maxHosts() + ", not " + open.getKnownHostsCount());
        }
        for (String host : open.getKnownHostsList()) {
            host("a known host", host);
        }
        int entries = open.getBundle().getEntriesCount();
        if (entries > MAX_BUNDLE_ENTRIES) {
            throw invalid("bundle must have at most 10,000 entries, not " + entries);
        }
        size("bundle", open.getBundle(), MAX_BUNDLE_BYTES);
        for (BundleEntry entry : open.getBundle().getEntriesList()) {
            if (entry.hasDigest()) {
                int size = entry.getDigest().getSha256().size();
                if (size != DIGEST_BYTES) {
                    throw invalid("the digest of '" + shown(entry.getName()) + "' must have 32 bytes, not " + size);
                }
            }
        }
    }

    private static void name(String what, String name) {
        if (name.length() > MAX_NAME_CHARACTERS) {
            throw invalid(what + " must have at most 200 characters, not " + name.length());
        }
    }

    private static void size(String what, MessageLite message, long mostBytes) {
        int size = message.getSerializedSize();
        if (size > mostBytes) {
            throw invalid(what + " must have at most " + mostBytes + " bytes, not " + size);
        }
    }

    static boolean isSessionId(String id) {
        if (id.length() != 32) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    static void submission(SubmitRequest request, EndpointSettings settings) {
        for (SequenceInterval interval : request.getPendingList()) {
            if (interval.getFirst() <= 0 || interval.getLast() < interval.getFirst()) {
                throw invalid("a pending interval must be first to last with 0 < first <= last, not "
                        + interval.getFirst() + " to " + interval.getLast());
            }
        }
        for (int i = 0; i < request.getPendingTasksCount(); i++) {
            pending(request.getPendingTasks(i));
        }
        for (int i = 0; i < request.getTasksCount(); i++) {
            task(request.getTasks(i), settings);
        }
        for (long attempt : request.getTakenList()) {
            positive("a taken attempt", attempt);
        }
        for (Cancel cancel : request.getCancelsList()) {
            positive("a cancel's sequence", cancel.getSequence());
        }
        request.getSharedList().forEach(Checks::shared);
        request.getSharedReleasedList().forEach(Checks::shared);
        if (request.getAcknowledged() < 0) {
            throw invalid("acknowledged must not be negative, not " + request.getAcknowledged());
        }
    }

    private static void shared(Digest digest) {
        int size = digest.getSha256().size();
        if (size != DIGEST_BYTES || digest.getSizeBytes() < 0) {
            throw invalid("the digest of a shared value must have 32 bytes and a size that is not negative, not " + size
                    + " and " + digest.getSizeBytes());
        }
        size("the digest of a shared value", digest, MAX_DIGEST_BYTES);
    }

    private static void pending(PendingTask task) {
        positive("a pending task's sequence", task.getSequence());
        if ((task.getAttemptsAfterHostLoss() | task.getAttemptsAfterFailure() | task.getAttemptsUsed()) < 0) {
            throw invalid("the numbers of attempts of pending task " + task.getSequence() + " must be less than 2^31");
        }
        if (task.hasGrant()) {
            Grant grant = task.getGrant();
            host("the host of the grant of pending task " + task.getSequence(), grant.getHost());
            if (grant.getEpoch() == 0 || grant.getIncarnation() == 0) {
                throw invalid("the grant of pending task " + task.getSequence()
                        + " must have an epoch and an incarnation that are not 0");
            }
        }
    }

    private static void task(Task task, EndpointSettings settings) {
        positive("a task's sequence", task.getSequence());
        if (task.getTimeoutMillis() < 0) {
            throw invalid("timeout_millis of task " + task.getSequence() + " must not be negative, not "
                    + task.getTimeoutMillis());
        }
        if ((task.getAttemptsAfterHostLoss() | task.getAttemptsAfterFailure() | task.getAttemptsUsed()) < 0) {
            throw invalid("the numbers of attempts of task " + task.getSequence() + " must be less than 2^31");
        }
        Payload payload = task.getPayload();
        if (!payload.hasInline() || payload.getInline().size() > Protocol.MAX_INLINE_PAYLOAD_BYTES) {
            payload("the payload of task " + task.getSequence(), payload, settings);
        }
        if (task.getName().length() > MAX_NAME_CHARACTERS) {
            name("the name of task " + task.getSequence(), task.getName());
        }
        int mostBytes = Protocol.MAX_INLINE_PAYLOAD_BYTES + MAX_TASK_BYTES_BESIDE_PAYLOAD;
        if (task.getSerializedSize() > mostBytes) {
            size("task " + task.getSequence(), task, mostBytes);
        }
        if (task.getRequirements().getSlots() > 1 || task.getRequirements().getLabelsCount() > 0) {
            throw invalid("task " + task.getSequence() + " has requirements, which this version does not know yet");
        }
    }

    private static void payload(String what, Payload payload, EndpointSettings settings) {
        switch (payload.getBodyCase()) {
            case INLINE -> {
                int size = payload.getInline().size();
                if (size > Protocol.MAX_INLINE_PAYLOAD_BYTES) {
                    throw invalid(what + " has " + size + " bytes, and at most " + Protocol.MAX_INLINE_PAYLOAD_BYTES
                            + " may be inside a message");
                }
            }
            case REFERENCE -> reference(what, payload.getReference(), settings);
            case BODY_NOT_SET -> throw invalid(what + " must be inline or a reference, not absent");
        }
    }

    private static void reference(String what, PayloadReference reference, EndpointSettings settings) {
        long size = reference.getSizeBytes();
        if (size <= 0 || size > Protocol.MAX_PAYLOAD_BYTES) {
            throw invalid(what + " must have 1 to 2^50 bytes as a reference, not " + size);
        }
        if (!settings.payloadPaths() && !reference.getPath().isEmpty()) {
            throw invalid(what + " must have no path, not '" + shown(reference.getPath())
                    + "': its bytes travel in payload streams here");
        }
    }

    static void hello(Hello hello) {
        version(hello.getProtocolVersion());
        host("host", hello.getHost());
        require(hello.getIncarnation() != 0, "incarnation must not be 0");
        int secret = hello.getSecret().size();
        require(
                secret >= SECRET_BYTES && secret <= MAX_SECRET_BYTES,
                "a host's secret must have 16 to 1,024 bytes, not " + secret);
        if (hello.getSlots() < 1 || hello.getSlots() > Protocol.MAX_SLOTS) {
            throw invalid("slots must be 1 to 100,000, not " + Integer.toUnsignedString(hello.getSlots()));
        }
        size("capabilities", hello.getCapabilities(), MAX_CAPABILITIES_BYTES);
    }

    private static void host(String what, String host) {
        if (host.isEmpty()
                || host.length() > MAX_NAME_CHARACTERS
                || host.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw invalid(what + " must be 1 to 200 characters without white space, not '" + shown(host) + "'");
        }
    }

    static void report(Report report, EndpointSettings settings) {
        for (SessionHeld held : report.getSessionsList()) {
            sessionHeld(held.getSessionId());
            if (held.getProcesses() < 0 || held.getProcesses() > Protocol.MAX_SLOTS) {
                throw invalid("the processes of session " + held.getSessionId() + " must be at most 100,000, not "
                        + Integer.toUnsignedString(held.getProcesses()));
            }
        }
        for (AttemptHeld held : report.getAttemptsList()) {
            sessionHeld(held.getSessionId());
            positive("the sequence of a held attempt", held.getSequence());
            if (held.getEpoch() == 0) {
                throw invalid("the epoch of held attempt " + held.getAttempt() + " must not be 0");
            }
            if (held.getStartNumber() <= 0) {
                throw invalid("the start_number of held attempt " + held.getAttempt() + " must be 1 to 2^31 - 1, not "
                        + Integer.toUnsignedString(held.getStartNumber()));
            }
            if (held.hasOutcome()) {
                outcome(held.getAttempt(), held.getOutcome().getOutcome(), settings);
            }
        }
        for (AttemptOutcome outcome : report.getOutcomesList()) {
            outcome(outcome.getAttempt(), outcome.getOutcome(), settings);
        }
    }

    private static void sessionHeld(String id) {
        if (!isSessionId(id)) {
            throw invalid("a held session_id must be 32 lower-case hexadecimal digits, not '" + shown(id) + "'");
        }
    }

    private static void outcome(long attempt, Outcome outcome, EndpointSettings settings) {
        switch (outcome.getKindCase()) {
            case RESULT -> {
                // How large an inline one may be is for the processes to know; the message has its own limit.
                if (!outcome.getResult().hasInline()) {
                    payload("the result of attempt " + attempt, outcome.getResult(), settings);
                }
            }
            case FAILURE -> {
                if (outcome.getFailure().getException().hasReference()) {
                    payload(
                            "the exception of attempt " + attempt,
                            outcome.getFailure().getException(),
                            settings);
                }
            }
            case LOSS, CANCELLED, TIMED_OUT -> {}
            case KIND_NOT_SET -> throw invalid("the outcome of attempt " + attempt + " says nothing");
        }
    }

    /** Returns the last of the interval, after which the next one must begin. */
    static long ascending(String what, long lastBefore, long first, long last) {
        if (first <= lastBefore) {
            throw invalid(what + " must ascend, none named twice, not " + first + " after " + lastBefore);
        }
        return last;
    }

    private static void positive(String what, long value) {
        if (value <= 0) {
            throw invalid(what + " must be greater than 0, not " + value);
        }
    }

    /** What a stranger sent, for a message: bounded and without control characters. */
    static String shown(String text) {
        String cut = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        return cut.chars()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}

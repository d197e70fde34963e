package io.farpool.coordinator.endpoint;

import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Report;
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
    private static final int DIGEST_BYTES = 32;
    private static final int MAX_SLOTS = 100_000;
    private static final int MAX_BUNDLE_ENTRIES = 10_000;

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
        if (open.getName().length() > MAX_NAME_CHARACTERS) {
            throw invalid("name must have at most 200 characters, not "
                    + open.getName().length());
        }
        require(!open.getProcess().getMainClass().isEmpty(), "process.main_class must be set");
        require(open.getMaxWorkers() >= 0, "max_workers must be less than 2^31");
        require(open.getProcess().getMaxTasksPerProcess() >= 0, "process.max_tasks_per_process must be less than 2^31");
        if (open.getProcess().hasInitializer()) {
            payload("process.initializer", open.getProcess().getInitializer(), settings);
        }
        int entries = open.getBundle().getEntriesCount();
        if (entries > MAX_BUNDLE_ENTRIES) {
            throw invalid("bundle must have at most 10,000 entries, not " + entries);
        }
        for (BundleEntry entry : open.getBundle().getEntriesList()) {
            if (entry.hasDigest()) {
                int size = entry.getDigest().getSha256().size();
                if (size != DIGEST_BYTES) {
                    throw invalid("the digest of '" + shown(entry.getName()) + "' must have 32 bytes, not " + size);
                }
            }
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
        for (int i = 0; i < request.getTasksCount(); i++) {
            task(request.getTasks(i), settings);
        }
        for (Cancel cancel : request.getCancelsList()) {
            positive("a cancel's sequence", cancel.getSequence());
        }
        if (request.getAcknowledged() < 0) {
            throw invalid("acknowledged must not be negative, not " + request.getAcknowledged());
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
        if (!payload.hasInline() || payload.getInline().size() > settings.maxInlinePayloadBytes()) {
            payload("the payload of task " + task.getSequence(), payload, settings);
        }
        if (task.getRequirements().getSlots() > 1 || task.getRequirements().getLabelsCount() > 0) {
            throw invalid("task " + task.getSequence() + " has requirements, which this version does not know yet");
        }
    }

    private static void payload(String what, Payload payload, EndpointSettings settings) {
        require(payload.hasInline(), what + " must be inline: this coordinator does not offer payload_streams");
        int size = payload.getInline().size();
        if (size > settings.maxInlinePayloadBytes()) {
            throw invalid(what + " has " + size + " bytes, and at most " + settings.maxInlinePayloadBytes()
                    + " may be inside a message");
        }
    }

    static void hello(Hello hello) {
        version(hello.getProtocolVersion());
        String host = hello.getHost();
        if (host.isEmpty()
                || host.length() > MAX_NAME_CHARACTERS
                || host.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw invalid("host must be 1 to 200 characters without white space, not '" + shown(host) + "'");
        }
        require(hello.getIncarnation() != 0, "incarnation must not be 0");
        if (hello.getSlots() < 1 || hello.getSlots() > MAX_SLOTS) {
            throw invalid("slots must be 1 to 100,000, not " + Integer.toUnsignedString(hello.getSlots()));
        }
    }

    static void report(Report report) {
        for (AttemptHeld held : report.getAttemptsList()) {
            if (held.hasOutcome()) {
                outcome(held.getAttempt(), held.getOutcome().getOutcome());
            }
        }
        for (AttemptOutcome outcome : report.getOutcomesList()) {
            outcome(outcome.getAttempt(), outcome.getOutcome());
        }
    }

    private static void outcome(long attempt, Outcome outcome) {
        switch (outcome.getKindCase()) {
            case RESULT -> {
                if (!outcome.getResult().hasInline()) {
                    throw invalid(
                            "the result of attempt " + attempt + " must be inline: payload streams were not offered");
                }
            }
            case FAILURE -> {
                if (outcome.getFailure().getException().hasReference()) {
                    throw invalid("the exception of attempt " + attempt
                            + " must be inline: payload streams were not offered");
                }
            }
            case LOSS, CANCELLED, TIMED_OUT -> {}
            case KIND_NOT_SET -> throw invalid("the outcome of attempt " + attempt + " says nothing");
        }
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

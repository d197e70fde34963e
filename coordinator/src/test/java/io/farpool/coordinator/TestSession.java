package io.farpool.coordinator;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.Task;
import io.farpool.wire.Protocol;
import java.util.ArrayList;
import java.util.List;

/** The messages of a client's session. */
public final class TestSession {
    private final String id;
    private final ByteString secret = ByteString.copyFromUtf8("sixteen bytes or more");
    private final long epoch;

    /** A session with an id made of one digit, in a coordinator's life. */
    public TestSession(char digit, long epoch) {
        id = String.valueOf(digit).repeat(32);
        this.epoch = epoch;
    }

    /** The same in another epoch. */
    public TestSession in(long otherEpoch) {
        return new TestSession(id.charAt(0), otherEpoch);
    }

    /** Its id. */
    public String id() {
        return id;
    }

    /** Opens it. */
    public OpenRequest.Builder open() {
        return OpenRequest.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setSessionId(id)
                .setSessionSecret(secret)
                .setName("a test")
                .setProcess(ProcessSpec.newBuilder().setMainClass("Main"));
    }

    /** Begins a submit stream of a session that has nothing pending. */
    public SubmitRequest.Builder first() {
        return begin().setPendingComplete(true);
    }

    /** Begins a submit stream, with what is pending to follow. */
    public SubmitRequest.Builder begin() {
        return SubmitRequest.newBuilder().setSessionId(id).setSecret(secret).setEpoch(epoch);
    }

    /** Begins a completions stream. */
    public CompletionsRequest completions(long acknowledged) {
        return CompletionsRequest.newBuilder()
                .setSessionId(id)
                .setSecret(secret)
                .setEpoch(epoch)
                .setAcknowledged(acknowledged)
                .build();
    }

    /** A task whose payload is its number. */
    public static Task task(long sequence) {
        return Task.newBuilder()
                .setSequence(sequence)
                .setPayload(Payload.newBuilder().setInline(ByteString.copyFromUtf8("task " + sequence)))
                .build();
    }

    /** All completions in some responses. */
    public static List<Completion> completions(List<CompletionsResponse> responses) {
        List<Completion> all = new ArrayList<>();
        responses.forEach(response -> all.addAll(response.getCompletionsList()));
        return all;
    }
}

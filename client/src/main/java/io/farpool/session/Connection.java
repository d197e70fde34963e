package io.farpool.session;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The way to a coordinator: over gRPC, or straight into the one inside this JVM. The methods are those of pool.proto, which
 * says what they mean; observers are called on the connection's own threads.
 */
public interface Connection extends AutoCloseable {
    /**
     * A session's code, as the other side can have it.
     *
     * @param classFileMajorVersion the newest class files it may hold
     */
    record Code(Bundle bundle, int classFileMajorVersion) {}

    /**
     * Makes the session's code available on the other side and says what it consists of. May block, on network and disk.
     *
     * @param answer how long it may take to reach the other side, and that to say what it misses, beside the time in which it
     *     reads what it has to check
     */
    Code provideCode(Duration answer) throws IOException, InterruptedException;

    /**
     * Makes a shared value available on the other side, unless it is there. Does not wait, and reads the file on threads of its
     * own.
     *
     * @param file holds what the digest names
     * @return how many bytes were sent; or the failure, an IOException or a status
     */
    CompletableFuture<Long> provideShared(Path file, BlobDigest digest);

    void open(OpenRequest request, StreamObserver<OpenResponse> response);

    StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> response);

    void completions(CompletionsRequest request, StreamObserver<CompletionsResponse> responses);

    void describe(DescribeRequest request, StreamObserver<DescribeResponse> response);

    /** How large payloads travel; null if they do not, because both sides share their files. */
    default PayloadsGrpc.@Nullable PayloadsStub payloads() {
        return null;
    }

    /** What has failed is about to be tried again: if the way there is closed for a while, it is tried at once. Waits a moment for it. */
    default void tryAgain() throws InterruptedException {}

    /** Whether this leads into this very JVM: then nothing here blocks, and what breaks stays broken. */
    boolean isLocal();

    /** Where this leads, for messages. */
    String target();

    /** Ends it, and what it started. Blocks for a bounded time. */
    @Override
    void close();
}

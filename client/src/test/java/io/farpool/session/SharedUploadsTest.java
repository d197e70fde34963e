package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.blob.BlobDigest;
import io.farpool.codec.Codec;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.shared.SharedFiles;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedUploadsTest {
    private static final int VALUES = 3 * SharedUploads.MAX_AT_ONCE;

    private final SharedFiles files = new SharedFiles(Runnable::run);
    private final Codec codec = new Codec();
    private final List<SessionEvent> events = new ArrayList<>();
    private final HeldConnection connection = new HeldConnection();

    /** A way to a coordinator that answers when the test says so. */
    private static final class HeldConnection implements Connection {
        final List<CompletableFuture<Long>> asked = new ArrayList<>();

        @Override
        public CompletableFuture<Long> provideShared(Path file, BlobDigest digest) {
            CompletableFuture<Long> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
        }

        @Override
        public Code provideCode(Duration answer) {
            throw new AssertionError("nobody wants it");
        }

        @Override
        public void open(OpenRequest request, StreamObserver<OpenResponse> response) {}

        @Override
        public StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> response) {
            throw new AssertionError("nothing is submitted");
        }

        @Override
        public void completions(CompletionsRequest request, StreamObserver<CompletionsResponse> responses) {}

        @Override
        public void describe(DescribeRequest request, StreamObserver<DescribeResponse> response) {}

        @Override
        public boolean isLocal() {
            return false;
        }

        @Override
        public String target() {
            return "there";
        }

        @Override
        public void close() {}
    }

    private SharedUploads uploads(Duration patience) {
        return new SharedUploads("s", patience, Runnable::run, events::add);
    }

    private void startAll(SharedUploads uploads) {
        for (int i = 0; i < VALUES; i++) {
            uploads.start(connection, new SharedValues.Upload(files.write(codec, "value " + i), i));
        }
    }

    @AfterEach
    void removeFiles() {
        files.close();
    }

    @Test
    void aFewAreOnTheirWayAtOnceAndAllCome() {
        SharedUploads uploads = uploads(Duration.ofMinutes(1));
        startAll(uploads);
        for (int done = 0; done < VALUES; done++) {
            assertThat(connection.asked).hasSize(Math.min(VALUES, done + SharedUploads.MAX_AT_ONCE));
            connection.asked.get(done).complete(10L);
        }
        assertThat(events).hasSize(VALUES).allMatch(SessionEvent.SharedSent.class::isInstance);
        assertThat(uploads.sent()).isEqualTo(VALUES);
        assertThat(uploads.sentBytes()).isEqualTo(10L * VALUES);
    }

    @Test
    void oneThatCannotBeSentMakesRoomForTheNext() {
        startAll(uploads(Duration.ZERO));
        for (int done = 0; done < VALUES; done++) {
            connection.asked.get(done).completeExceptionally(Status.RESOURCE_EXHAUSTED.asRuntimeException());
        }
        assertThat(events).hasSize(VALUES).allMatch(SessionEvent.SharedNotSent.class::isInstance);
    }

    @Test
    void oneThatIsRefusedForTheMomentKeepsItsPlaceALittle() {
        Queue<Runnable> afterPauses = new ArrayDeque<>();
        SharedUploads uploads =
                new SharedUploads("s", Duration.ofMinutes(1), Runnable::run, millis -> afterPauses::add, events::add);
        startAll(uploads);
        connection.asked.get(0).completeExceptionally(Status.UNAVAILABLE.asRuntimeException());
        assertThat(connection.asked).hasSize(SharedUploads.MAX_AT_ONCE);
        afterPauses.forEach(Runnable::run);
        for (int done = 1; done <= VALUES; done++) {
            assertThat(connection.asked).hasSize(Math.min(VALUES + 1, done + SharedUploads.MAX_AT_ONCE));
            connection.asked.get(done).complete(10L);
        }
        assertThat(events).hasSize(VALUES).allMatch(SessionEvent.SharedSent.class::isInstance);
    }

    @Test
    void afterTheEndNoneIsBegun() {
        SharedUploads uploads = uploads(Duration.ofMinutes(1));
        startAll(uploads);
        uploads.giveUp();
        for (int i = 0; i < SharedUploads.MAX_AT_ONCE; i++) {
            connection.asked.get(i).complete(10L);
        }
        assertThat(connection.asked).hasSize(SharedUploads.MAX_AT_ONCE);
    }
}

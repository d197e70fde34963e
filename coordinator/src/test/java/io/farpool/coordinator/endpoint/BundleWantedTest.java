package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.PutRequest;
import io.farpool.proto.v1.PutResponse;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of class paths that the coordinator has no more: clients that run them are asked. */
class BundleWantedTest extends JoinedEnds {
    private static final byte[] JAR = {1, 2, 3};
    private static final Digest DIGEST = BlobDigest.ofBytes(JAR).toWire();

    private final Path directory;

    BundleWantedTest(@TempDir Path directory) {
        super(CoordinatorSettings.defaults().withDataDirectory(directory));
        this.directory = directory;
    }

    @Test
    void aFileThatIsAskedForInVainIsWantedOfOneClientThatRunsItAndThenOfTheNext() throws Exception {
        put();
        TestSession first = openWithJar('b');
        TestSession second = openWithJar('c');
        List<Received<CompletionsResponse>> completions = Stream.of(session, first, second)
                .map(each -> {
                    Received<CompletionsResponse> received = new Received<>();
                    coordinator.pool().completions(each.completions(0), received);
                    return received;
                })
                .toList();
        assertThat(get().awaitEnd()).isEqualTo(Status.OK);
        assertThat(completions)
                .allSatisfy(each -> assertThat(wanted(each.messages())).isZero());

        loseTheFile();
        askInVain();
        awaitWanted(completions.get(1), 1);
        askInVain();
        awaitWanted(completions.get(2), 1);
        askInVain();
        awaitWanted(completions.get(1), 2);

        put();
        assertThat(get().awaitEnd()).isEqualTo(Status.OK);
        assertThat(wanted(completions.get(0).messages()))
                .as("who does not run it")
                .isZero();
        assertThat(wanted(completions.get(2).messages())).isOne();
    }

    @Test
    void aClientWithoutAStreamIsNotAskedButAnotherIs() throws Exception {
        put();
        openWithJar('b');
        TestSession second = openWithJar('c');
        Received<CompletionsResponse> completions = new Received<>();
        coordinator.pool().completions(second.completions(0), completions);
        loseTheFile();
        askInVain();
        awaitWanted(completions, 1);
    }

    private TestSession openWithJar(char digit) throws InterruptedException {
        OpenRequest request = new TestSession(digit, 0)
                .open()
                .setBundle(Bundle.newBuilder()
                        .addEntries(BundleEntry.newBuilder().setName("app.jar").setDigest(DIGEST)))
                .build();
        Received<OpenResponse> response = new Received<>();
        coordinator.pool().open(request, response);
        assertThat(response.awaitEnd()).isEqualTo(Status.OK);
        return new TestSession(digit, response.messages().get(0).getEpoch());
    }

    private void put() {
        Received<PutResponse> response = new Received<>();
        StreamObserver<PutRequest> put = coordinator.blobs().put(response);
        put.onNext(PutRequest.newBuilder()
                .setDigest(DIGEST)
                .setChunk(ByteString.copyFrom(JAR))
                .build());
        put.onCompleted();
        assertThat(response.ended()).isEqualTo(Status.OK);
    }

    private Received<GetResponse> get() {
        Received<GetResponse> answer = new Received<>();
        coordinator.blobs().get(GetRequest.newBuilder().setDigest(DIGEST).build(), answer);
        return answer;
    }

    private void loseTheFile() throws IOException {
        try (Stream<Path> files = Files.find(
                directory, 10, (path, attributes) -> attributes.isRegularFile() && attributes.size() == JAR.length)) {
            Files.delete(files.findFirst().orElseThrow());
        }
    }

    private void askInVain() throws InterruptedException {
        assertThat(get().awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
    }

    private static void awaitWanted(Received<CompletionsResponse> completions, long times) throws InterruptedException {
        List<CompletionsResponse> all =
                completions.await("its class path is wanted " + times + " times", come -> wanted(come) >= times);
        assertThat(wanted(all)).isEqualTo(times);
    }

    private static long wanted(List<CompletionsResponse> all) {
        return all.stream().filter(CompletionsResponse::getBundleWanted).count();
    }
}

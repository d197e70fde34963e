package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.Received;
import io.farpool.coordinator.TestSession;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.FindMissingRequest;
import io.farpool.proto.v1.FindMissingResponse;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.proto.v1.SubmitRequest;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Shared values that the coordinator has no more: their clients are asked. */
class SharedValuesTest extends JoinedEnds {
    @Test
    void aSharedValueThatIsAskedForInVainIsWantedOfOneClientThatSharesItAndThenOfTheNext() throws InterruptedException {
        Digest digest = Digest.newBuilder()
                .setSha256(ByteString.copyFrom(new byte[32]))
                .setSizeBytes(5)
                .build();
        FindMissingRequest question =
                FindMissingRequest.newBuilder().addDigests(digest).build();
        Received<FindMissingResponse> missing = new Received<>();
        coordinator.blobs().findMissing(question, missing);
        missing.await("an answer", all -> all.size() == 1);
        TestSession other = open('b');
        TestSession unconcerned = open('c');
        List<Received<CompletionsResponse>> completions = Stream.of(session, other, unconcerned)
                .map(each -> {
                    Received<CompletionsResponse> received = new Received<>();
                    coordinator.pool().completions(each.completions(0), received);
                    return received;
                })
                .toList();
        StreamObserver<SubmitRequest> first = coordinator.pool().submit(new Received<>());
        first.onNext(session.first().addShared(digest).build());
        StreamObserver<SubmitRequest> second = coordinator.pool().submit(new Received<>());
        second.onNext(other.first().addShared(digest).build());
        awaitApplied();

        askInVain(digest);
        awaitWanted(completions.get(0), digest, 1);
        askInVain(digest);
        awaitWanted(completions.get(1), digest, 1);
        askInVain(digest);
        awaitWanted(completions.get(0), digest, 2);
        second.onNext(SubmitRequest.newBuilder().addSharedReleased(digest).build());
        awaitApplied();
        askInVain(digest);
        awaitWanted(completions.get(0), digest, 3);
        assertThat(wanted(completions.get(1).messages())).hasSize(1);
        assertThat(wanted(completions.get(2).messages())).isEmpty();
    }

    /** All that came before has been applied when there is an answer to this. */
    private void awaitApplied() throws InterruptedException {
        Received<DescribeResponse> response = new Received<>();
        coordinator.cluster().describe(DescribeRequest.getDefaultInstance(), response);
        response.await("an answer", all -> all.size() == 1);
    }

    private void askInVain(Digest digest) throws InterruptedException {
        Received<GetResponse> answer = new Received<>();
        coordinator.blobs().get(GetRequest.newBuilder().setDigest(digest).build(), answer);
        assertThat(answer.awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
    }

    private static void awaitWanted(Received<CompletionsResponse> completions, Digest digest, int times)
            throws InterruptedException {
        List<CompletionsResponse> all = completions.await(
                "the value is wanted " + times + " times", come -> wanted(come).size() >= times);
        assertThat(wanted(all)).hasSize(times).containsOnly(digest);
    }

    private static List<Digest> wanted(List<CompletionsResponse> all) {
        return all.stream()
                .flatMap(response -> response.getSharedWantedList().stream())
                .toList();
    }
}

package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.codec.Captures;
import io.farpool.codec.Codec;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.Task;
import io.farpool.shared.SharedBytes;
import io.farpool.shared.SharedFiles;
import io.farpool.shared.SharedOriginal;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which tasks wait for shared values, and what a coordinator is told of those. */
class SharedValuesTest extends DrivenCore {
    private final RuntimeException full = new IllegalStateException("the store is full");

    private final SharedFiles files = new SharedFiles(Runnable::run);
    private final Codec codec = new Codec();
    private final SharedBytes.Listener listener = bytes -> core.sharedFree(bytes);

    @AfterEach
    void removeFiles() {
        files.close();
    }

    private SharedOriginal<String> share(String value) {
        return new SharedOriginal<>(value, files.write(codec, value));
    }

    private TaskFuture<?> submit(int priority, SharedOriginal<?>... values) {
        Captures captures = new Captures();
        byte[] payload = captures.during(() -> codec.encode(values));
        List<SharedBytes> shared = SharedBytes.in(captures);
        shared.forEach(bytes -> bytes.tell(listener));
        Task task = Task.newBuilder()
                .setPayload(Payload.newBuilder().setInline(ByteString.copyFrom(payload)))
                .setPriority(priority)
                .build();
        TaskFuture<?> future = new TaskFuture<>(owner, task, payload.length, null, shared);
        core.submitted(future);
        core.flush();
        return future;
    }

    private void submitted(int priority, SharedOriginal<?>... values) {
        TaskFuture<?> ignored = submit(priority, values);
    }

    private void sent(int upload) {
        core.sharedSent(uploads.get(upload));
        core.flush();
    }

    private void notSent(int upload) {
        core.sharedNotSent(uploads.get(upload), full);
        core.flush();
    }

    private void completed(long number, long sequence) {
        arrive(CompletionsResponse.newBuilder()
                .addCompletions(result(number, sequence))
                .build());
        core.flush();
    }

    private List<Digest> kept() {
        return sent.stream()
                .flatMap(request -> request.getSharedList().stream())
                .toList();
    }

    private List<Digest> released() {
        return sent.stream()
                .flatMap(request -> request.getSharedReleasedList().stream())
                .toList();
    }

    @Test
    void aTaskWaitsForItsValueAndOthersPassIt() {
        open(100, 10_000);
        SharedOriginal<?> value = share("value");
        submitted(0, value);
        submitted(0);
        submitted(5, value);
        submitted(0, value);
        submitted(0);
        assertThat(sequences()).containsExactly(2L, 5L);
        assertThat(uploads).hasSize(1);
        assertThat(kept()).isEmpty();
        sent.clear();

        sent(0);

        assertThat(sequences()).as("by priority, then as they came").containsExactly(3L, 1L, 4L);
        assertThat(kept()).containsExactly(uploads.get(0).bytes().digest().toWire());
        assertThat(sent.get(0).getSharedCount())
                .as("with the first task or before")
                .isEqualTo(1);
        sent.clear();
        submitted(0, value);
        assertThat(sequences()).containsExactly(6L);
        assertThat(uploads).hasSize(1);
    }

    @Test
    void whatHasWaitedTakesItsTurnAmongThoseThatWaitForCredit() {
        open(0, 10_000);
        submitted(0);
        submitted(0, share("value"));
        submitted(0);
        credit(1, 10_000);
        sent(0);
        credit(3, 10_000);
        assertThat(sequences()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aTaskOfTwoValuesWaitsForBoth() {
        open(100, 10_000);
        submitted(0, share("one"), share("other"));
        assertThat(uploads).hasSize(2);
        sent(1);
        assertThat(sequences()).isEmpty();
        sent(0);
        assertThat(sequences()).containsExactly(1L);
    }

    @Test
    void nothingIsSentBeforeTheSessionIsOpen() {
        submitted(0, share("value"));
        assertThat(uploads).isEmpty();
        open(100, 10_000);
        assertThat(uploads).hasSize(1);
    }

    @Test
    void valuesOfTheSameContentAreOne() {
        open(100, 10_000);
        SharedOriginal<?> one = share("same");
        SharedOriginal<?> other = share("same");
        submitted(0, one);
        submitted(0, other);
        assertThat(uploads).hasSize(1);
        sent(0);
        assertThat(sequences()).containsExactly(1L, 2L);
        one.close();
        completed(1, 1);
        completed(2, 2);
        core.flush();
        assertThat(released()).isEmpty();
        other.close();
        core.flush();
        assertThat(released()).hasSize(1);
    }

    @Test
    void aValueThatCannotBeSentFailsTheTasksThatNeedItAndNoOther() {
        open(100, 10_000);
        SharedOriginal<?> large = share("large");
        SharedOriginal<?> small = share("small");
        TaskFuture<?> needsLarge = submit(0, large);
        submitted(0, small);
        TaskFuture<?> needsBoth = submit(0, small, large);

        notSent(0);
        sent(1);

        assertThat(finished).extracting(SessionCore.Finished::future).containsExactly(needsLarge, needsBoth);
        assertThat(finished).extracting(SessionCore.Finished::reason).containsOnly(full);
        assertThat(sequences()).containsExactly(2L);
        assertThat(uploads).hasSize(2);

        submitted(0, large);
        assertThat(uploads).as("there may be room now").hasSize(3);
        sent(2);
        assertThat(sequences()).containsExactly(2L, 4L);
    }

    @Test
    void aClosedValueIsReleasedWithTheLastTaskThatHasCapturedIt() {
        open(100, 10_000);
        SharedOriginal<?> value = share("value");
        submitted(0, value);
        submitted(0, value);
        sent(0);
        value.close();
        core.flush();
        completed(1, 1);
        core.flush();
        assertThat(released()).isEmpty();
        assertThat(uploads.get(0).bytes().file()).exists();
        completed(2, 2);
        core.flush();
        assertThat(released()).isEqualTo(kept());
        assertThat(uploads.get(0).bytes().file()).doesNotExist();
    }

    @Test
    void anOpenValueStaysWithoutATask() {
        open(100, 10_000);
        SharedOriginal<?> value = share("value");
        submitted(0, value);
        sent(0);
        completed(1, 1);
        core.flush();
        assertThat(released()).isEmpty();
        value.close();
        core.flush();
        assertThat(released()).isEqualTo(kept());
    }

    @Test
    void aTaskThatIsCancelledWhileItWaitsIsNeverSent() {
        open(100, 10_000);
        SharedOriginal<?> value = share("value");
        TaskFuture<?> cancelled = submit(0, value);
        assertThat(cancelled.cancel(true)).isTrue();
        value.close();
        core.flush();
        sent(0);
        assertThat(sequences()).isEmpty();
        assertThat(uploads.get(0).bytes().file()).doesNotExist();
        core.closeWhenDone();
        core.flush();
        assertThat(sent.get(sent.size() - 1).getWhenDone()).isTrue();
    }

    @Test
    void theSessionDoesNotCloseBeforeWhatWaitsHasBeenSent() {
        open(100, 10_000);
        submitted(0, share("value"));
        core.closeWhenDone();
        core.flush();
        assertThat(sent).noneMatch(SubmitRequest::getWhenDone);
        sent(0);
        assertThat(sent.get(sent.size() - 1).getWhenDone()).isTrue();
        assertThat(sequences()).containsExactly(1L);
    }

    @Test
    void anotherCoordinatorIsGivenItAgainBeforeTheTasksThatNeedIt() {
        open(100, 10_000);
        SharedOriginal<?> value = share("value");
        SharedOriginal<?> unused = share("unused");
        submitted(0, value, unused);
        sent(0);
        sent(1);
        completed(1, 1);
        submitted(0, value); // is sent
        breakStreams();
        submitted(0, value); // is not

        open(100, 10_000);

        assertThat(uploads).as("only what a pending task needs").hasSize(3);
        assertThat(uploads.get(2).bytes()).isSameAs(uploads.get(0).bytes());
        assertThat(sequences()).isEmpty();
        assertThat(kept()).isEmpty();
        arrive(CompletionsResponse.newBuilder()
                .addWanted(SequenceInterval.newBuilder().setFirst(2).setLast(2))
                .build());
        core.flush();
        assertThat(sequences()).isEmpty();
        core.sharedSent(uploads.get(0)); // late, and of the coordinator before
        core.flush();
        assertThat(sequences()).isEmpty();
        sent(2);
        assertThat(sequences()).containsExactly(2L, 3L);
        assertThat(kept()).hasSize(1);
        submitted(0, unused);
        assertThat(uploads).hasSize(4);
    }

    @Test
    void theSameCoordinatorIsToldAgainWhatToKeepAndWhatToForget() {
        open(100, 10_000);
        SharedOriginal<?> closed = share("closed");
        SharedOriginal<?> kept = share("kept");
        SharedOriginal<?> onItsWay = share("on its way");
        submitted(0, closed, kept);
        sent(0);
        sent(1);
        submitted(0, onItsWay);
        completed(1, 1);
        closed.close();
        core.flush();
        breakStreams();

        open(true, 100, 10_000);

        assertThat(kept()).containsExactly(uploads.get(1).bytes().digest().toWire());
        assertThat(released()).containsExactly(uploads.get(0).bytes().digest().toWire());
        assertThat(uploads).hasSize(3);
        sent(2);
        assertThat(sequences()).containsExactly(2L);
    }

    @Test
    void aTaskThatIsWantedAgainAndCannotBeSentIsTakenBack() {
        open(100, 10_000);
        submitted(0, share("value"));
        sent(0);
        breakStreams();
        open(100, 10_000);
        arrive(CompletionsResponse.newBuilder()
                .addWanted(SequenceInterval.newBuilder().setFirst(1).setLast(1))
                .build());
        core.flush();

        notSent(1);

        assertThat(finished).extracting(SessionCore.Finished::reason).containsExactly(full);
        assertThat(sent.stream().flatMap(request -> request.getCancelsList().stream()))
                .extracting(Cancel::getSequence)
                .containsExactly(1L);
        assertThat(sequences()).isEmpty();
        assertThat(uploads).hasSize(2);
    }

    private void wanted(Digest digest) {
        arrive(CompletionsResponse.newBuilder().addSharedWanted(digest).build());
        core.flush();
    }

    @Test
    void whatTheCoordinatorMissesOfTheCodeIsProvidedAgain() {
        open(100, 10_000);
        arrive(CompletionsResponse.newBuilder().setBundleWanted(true).build());
        core.flush();
        assertThat(codesWanted).isEqualTo(1);
        assertThat(uploads).isEmpty();
        arrive(CompletionsResponse.getDefaultInstance());
        core.flush();
        assertThat(codesWanted).isEqualTo(1);
    }

    @Test
    void whatTheCoordinatorHasLostIsSentAgainAndLaterTasksWaitForIt() {
        open(100, 10_000);
        SharedOriginal<?> value = share("value");
        submitted(0, value);
        sent(0);
        Digest digest = uploads.get(0).bytes().digest().toWire();
        sent.clear();

        wanted(digest);
        wanted(digest); // by another host
        submitted(0, value);

        assertThat(uploads).hasSize(2);
        assertThat(uploads.get(1).bytes()).isSameAs(uploads.get(0).bytes());
        assertThat(sequences()).isEmpty();
        sent(0); // late
        assertThat(sequences()).isEmpty();
        sent(1);
        assertThat(sequences()).containsExactly(2L);
        assertThat(kept()).containsExactly(digest);
        wanted(digest);
        assertThat(uploads).as("once more").hasSize(3);
    }

    @Test
    void whatCannotBeSentAgainFailsOnlyWhatWaitsAndIsReleasedAllTheSame() {
        open(100, 10_000);
        SharedOriginal<?> value = share("value");
        submitted(0, value);
        sent(0);
        Digest digest = uploads.get(0).bytes().digest().toWire();
        wanted(digest);
        TaskFuture<?> waits = submit(0, value);

        notSent(1);

        assertThat(finished).extracting(SessionCore.Finished::future).containsExactly(waits);
        wanted(digest);
        assertThat(uploads).as("there may be room now").hasSize(3);
        notSent(2);
        value.close();
        core.flush();
        assertThat(released()).isEmpty();
        completed(1, 1);
        core.flush();
        assertThat(released()).containsExactly(digest);
        wanted(digest);
        assertThat(uploads).as("nobody needs it").hasSize(3);
    }

    @Test
    void aSessionThatBreaksHoldsNothing() {
        open(100, 10_000);
        SharedOriginal<?> value = share("value");
        submitted(0, value);
        submitted(0, value);
        sent(0);
        value.close();
        core.endNow(true, full);
        core.flush();
        assertThat(uploads.get(0).bytes().file()).doesNotExist();
        submitAndForget(1, 0);
        assertThat(Stream.of(uploads.get(0).bytes().file()))
                .noneMatch(file -> file.toFile().exists());
    }
}

package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.codec.PayloadCodec;
import io.farpool.contract.Await;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.Task;
import io.farpool.session.SessionCore.Offer;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** With transfers that the test ends, and an executor that runs when the test says so. */
class ReceiptsTest {
    private static final long MIB = 1L << 20;

    private record Begun(Offer offer, Path file, CompletableFuture<PayloadFile> result) {}

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<Begun> begun = new ArrayList<>();
    private final List<Long> cancelled = new ArrayList<>();
    private final List<Long> received = new ArrayList<>();
    private final List<RuntimeException> failed = new ArrayList<>();
    private final Set<Path> files = new HashSet<>();
    private IOException noFile;
    private long sequence;

    private final PayloadCodec.Place place = new PayloadCodec.Place() {
        @Override
        public Path newFile() throws IOException {
            if (noFile != null) {
                throw noFile;
            }
            Path file = Path.of("/file-" + begun.size());
            files.add(file);
            return file;
        }

        @Override
        public void discard(Path file) {
            assertThat(files.remove(file)).as("discarded once").isTrue();
        }
    };

    private final Receipts receipts = new Receipts(
            (ofTask, offer, file) -> {
                CompletableFuture<PayloadFile> result = new CompletableFuture<>();
                begun.add(new Begun(offer, file, result));
                return new Receipts.Transfer(result, () -> {
                    cancelled.add(offer.attempt());
                    result.completeExceptionally(Status.CANCELLED.asRuntimeException());
                });
            },
            place,
            tasks::add,
            new Receipts.Events() {
                @Override
                public void received(TaskFuture<?> future, Offer offer) {
                    assertThat(future.hasOutcome(offer.reference())).isTrue();
                    received.add(offer.attempt());
                }

                @Override
                public void notReceived(TaskFuture<?> future, Offer offer, RuntimeException reason) {
                    failed.add(reason);
                }
            });

    @Test
    void fourAreReceivedAtOnceAndTheOthersInTheOrderTheyWereOffered() {
        for (int attempt = 1; attempt <= 7; attempt++) {
            receipts.receive(future(), offer(attempt, MIB));
        }
        runAll();
        assertThat(attemptsBegun()).containsExactly(1L, 2L, 3L, 4L);
        arrives(2);
        assertThat(received).containsExactly(2L);
        assertThat(attemptsBegun()).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void noMoreIsReceivedThanThereIsRoomForUntilSomethingHasBeenDecoded() {
        List<TaskFuture<?>> futures = List.of(future(), future(), future(), future());
        receipts.receive(futures.get(0), offer(1, 200 * MIB));
        receipts.receive(futures.get(1), offer(2, 56 * MIB));
        receipts.receive(futures.get(2), offer(3, 100 * MIB));
        receipts.receive(futures.get(3), offer(4, 1));
        runAll();
        arrives(1);
        arrives(2);
        assertThat(attemptsBegun()).as("the small one does not pass the other").containsExactly(1L, 2L);
        futures.get(1).dropOutcome();
        runAll();
        assertThat(attemptsBegun()).containsExactly(1L, 2L);
        futures.get(0).dropOutcome();
        runAll();
        assertThat(attemptsBegun()).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void oneThatIsLargerThanAllRoomComesAlone() {
        TaskFuture<?> small = future();
        receipts.receive(small, offer(1, MIB));
        receipts.receive(future(), offer(2, 3L << 30));
        receipts.receive(future(), offer(3, MIB));
        runAll();
        assertThat(attemptsBegun()).containsExactly(1L);
        arrives(1);
        small.dropOutcome();
        runAll();
        assertThat(attemptsBegun()).containsExactly(1L, 2L);
    }

    @Test
    void whatFailsOnItsWayIsTriedAgain() {
        TaskFuture<?> future = future();
        receipts.receive(future, offer(1, MIB));
        runAll();
        for (Status status :
                List.of(Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED, Status.INTERNAL, Status.DEADLINE_EXCEEDED)) {
            fails(1, status.asRuntimeException());
        }
        arrives(1);
        assertThat(received).containsExactly(1L);
        assertThat(begun).hasSize(5);
        assertThat(files).hasSize(1);
    }

    @Test
    void whatIsNotThereAnyMoreIsForgotten() {
        TaskFuture<?> future = future();
        receipts.receive(future, offer(1, MIB));
        runAll();
        last(1).result().completeExceptionally(Status.NOT_FOUND.asRuntimeException());
        runAll();
        assertThat(files).isEmpty();
        receipts.receive(future, offer(1, MIB));
        runAll();
        assertThat(begun).as("offered anew, received anew").hasSize(2);
        assertThat(failed).isEmpty();
    }

    @Test
    void whatComesDamagedThreeTimesIsGivenUp() {
        receipts.receive(future(), offer(1, MIB));
        runAll();
        fails(1, Status.DATA_LOSS.withDescription("its file was removed").asRuntimeException());
        fails(1, new NoSuchFileException("/file"));
        last(1).result()
                .completeExceptionally(
                        Status.DATA_LOSS.withDescription("its file was removed").asRuntimeException());
        runAll();
        assertThat(failed).singleElement().satisfies(reason -> assertThat(reason)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("1048576 bytes")
                .hasMessageContaining("after 3 tries")
                .hasMessageContaining("its file was removed"));
        assertThat(files).isEmpty();
    }

    @Test
    void aFullDiskFailsTheFutureAtOnceAndLeavesRoomForOthers() {
        noFile = new IOException("No space left on device");
        receipts.receive(future(), offer(1, 256 * MIB));
        runAll();
        assertThat(failed).singleElement().satisfies(reason -> assertThat(reason)
                .hasMessageContaining("cannot be kept here: No space left on device"));
        noFile = null;
        receipts.receive(future(), offer(2, 256 * MIB));
        runAll();
        last(2).result().completeExceptionally(new IOException("No space left on device"));
        runAll();
        assertThat(failed).hasSize(2);
        assertThat(files).isEmpty();
    }

    @Test
    void aNewerOfferTakesTheOldersPlace() {
        TaskFuture<?> future = future();
        receipts.receive(future, offer(1, MIB));
        receipts.receive(future, offer(1, MIB));
        runAll();
        assertThat(begun).as("the same offer again changes nothing").hasSize(1);
        receipts.receive(future, offer(2, 2 * MIB));
        runAll();
        assertThat(cancelled).containsExactly(1L);
        assertThat(files).hasSize(1);
        arrives(2);
        assertThat(received).containsExactly(2L);
    }

    @Test
    void anOfferOfWhatHasJustArrivedIsReceivedAtOnce() {
        TaskFuture<?> future = future();
        receipts.receive(future, offer(1, MIB));
        runAll();
        arrives(1);
        receipts.receive(future, offer(2, MIB));
        assertThat(received).containsExactly(1L, 2L);
        assertThat(begun).hasSize(1);
    }

    @Test
    void whatIsStoppedIsNotBegunOrIsCancelledAndItsFileDiscarded() {
        TaskFuture<?> first = future();
        TaskFuture<?> second = future();
        receipts.receive(first, offer(1, MIB));
        receipts.receive(second, offer(2, MIB));
        receipts.stop(first);
        runAll();
        assertThat(attemptsBegun()).as("the other was stopped before").containsExactly(2L);
        receipts.stop(second);
        assertThat(cancelled).containsExactly(2L);
        assertThat(files).isEmpty();
        assertThat(received).isEmpty();
        assertThat(failed).isEmpty();
    }

    @Test
    void allThatWaitsIsForgottenWhenAllIsStopped() {
        for (int attempt = 1; attempt <= 10; attempt++) {
            receipts.receive(future(), offer(attempt, MIB));
        }
        runAll();
        receipts.stopAll();
        runAll();
        assertThat(begun).hasSize(4);
        assertThat(files).isEmpty();
        receipts.receive(future(), offer(11, 256 * MIB));
        runAll();
        assertThat(attemptsBegun()).endsWith(11L);
    }

    @Test
    void whatIsKeptAcrossABreakTakesNoRoomFromWhatIsOfferedAfterIt() {
        TaskFuture<?> lostWithItsHost = future();
        receipts.receive(lostWithItsHost, offer(1, 200 * MIB));
        runAll();
        arrives(1);
        receipts.stopAll(); // the streams have broken
        assertThat(files).as("the coordinator may have heard that it is here").hasSize(1);
        receipts.receive(future(), offer(2, 200 * MIB));
        runAll();
        assertThat(attemptsBegun()).containsExactly(1L, 2L);
        lostWithItsHost.dropOutcome();
        runAll();
        receipts.receive(future(), offer(3, 200 * MIB));
        runAll();
        assertThat(attemptsBegun()).as("it is not counted out twice").containsExactly(1L, 2L);
    }

    @Test
    void whatArrivesForAFutureThatHasBeenCancelledMeanwhileIsDiscarded() {
        TaskFuture<?> future = future();
        receipts.receive(future, offer(1, MIB));
        runAll();
        assertThat(future.cancel(true)).isTrue();
        Begun transfer = last(1);
        transfer.result().complete(new PayloadFile(transfer.file(), MIB, 5));
        assertThat(files).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ parts

    private final TaskFuture.Owner owner = new TaskFuture.Owner() {
        @Override
        public String id() {
            return "session";
        }

        @Override
        public void withdraw(TaskFuture<?> future, boolean evenIfRunning) {}
    };

    private TaskFuture<?> future() {
        TaskFuture<?> future = new TaskFuture<>(owner, Task.getDefaultInstance(), 0);
        future.sequence(++sequence);
        return future;
    }

    private static Offer offer(long attempt, long sizeBytes) {
        return new Offer(
                7,
                attempt,
                PayloadReference.newBuilder()
                        .setSizeBytes(sizeBytes)
                        .setCrc32C(5)
                        .build());
    }

    private void runAll() {
        for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
            next.run();
        }
    }

    private List<Long> attemptsBegun() {
        return begun.stream().map(transfer -> transfer.offer().attempt()).toList();
    }

    private Begun last(long attempt) {
        return begun.stream()
                .filter(transfer -> transfer.offer().attempt() == attempt)
                .reduce((before, after) -> after)
                .orElseThrow();
    }

    private void arrives(long attempt) {
        Begun transfer = last(attempt);
        transfer.result()
                .complete(new PayloadFile(
                        transfer.file(), transfer.offer().reference().getSizeBytes(), 5));
        runAll();
    }

    /** It fails, and is tried again. */
    private void fails(long attempt, Throwable failure) {
        int before = begun.size();
        last(attempt).result().completeExceptionally(failure);
        Await.until("it is tried again", () -> {
            runAll();
            return begun.size() > before;
        });
    }
}

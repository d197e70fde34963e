package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.TaskOptions;
import io.farpool.codec.Codec;
import io.farpool.codec.PayloadCodec;
import io.farpool.contract.Await;
import io.farpool.interleaving.Interleavings;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.wire.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole session, with its threads, in many short races: submitting and cancelling against each way to end. By chance, not
 * by enumeration: its threads wait by the clock, which a model checker cannot see pass.
 */
@Timeout(120)
class SessionStressTest {
    private static final int ROUNDS = 150 * Integer.getInteger("farpool.interleavings.factor", 1);

    private enum End {
        WHEN_DONE,
        NOW,
        BROKEN,
        NOW_AND_BROKEN
    }

    private final Codec codec = new Codec();
    private final KeepAlive keepAlive = new KeepAlive("keeping-alive");

    @ParameterizedTest
    @EnumSource
    void everyFutureIsCompletedOnceAndTheSessionEnds(End end) throws Exception {
        ByteString result = ByteString.copyFrom(codec.encode(1));
        for (int round = 0; round < ROUNDS; round++) {
            InMemoryConnection connection = new InMemoryConnection(result);
            PayloadDirectory directory = new PayloadDirectory();
            Session session = new Session(
                    new SessionSettings(
                            "test", ProcessSpec.getDefaultInstance(), 1, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                    threads -> connection,
                    new PayloadCodec(codec, directory, Protocol.MAX_INLINE_PAYLOAD_BYTES),
                    directory,
                    new LogDelivery(line -> {}),
                    keepAlive);
            Set<TaskFuture<?>> futures = ConcurrentHashMap.newKeySet();
            AtomicInteger called = new AtomicInteger();
            session.open();
            Interleavings.together(
                    () -> submit(session, futures, called, false),
                    () -> submit(session, futures, called, true),
                    () -> end(end, session, connection),
                    () -> session.pending().forEach(future -> future.cancel(true)));
            if (end == End.WHEN_DONE || end == End.BROKEN) {
                session.closeWhenDone();
            }
            List<TaskFuture<?>> all = new ArrayList<>(futures);
            assertThat(all).hasSize(6);
            for (TaskFuture<?> future : all) {
                future.awaitDone(30_000);
                assertThat(future.isDone()).as("in round %s: %s", round, future).isTrue();
            }
            assertThat(session.awaitEnded(TimeUnit.SECONDS.toNanos(30))).isTrue();
            Await.until("every callback was called", () -> called.get() == 6);
            assertThat(session.pending()).isEmpty();
            connection.thread().join(30_000);
            assertThat(connection.thread().isAlive()).isFalse();
        }
    }

    private static void submit(Session session, Set<TaskFuture<?>> futures, AtomicInteger called, boolean cancel) {
        for (int i = 0; i < 3; i++) {
            TaskFuture<Integer> future = session.submit(new Task(), TaskOptions.defaults());
            future.addDoneCallback(done -> called.incrementAndGet());
            futures.add(future);
            if (cancel) {
                future.cancel();
            }
        }
    }

    private static void end(End end, Session session, InMemoryConnection connection) {
        switch (end) {
            case WHEN_DONE -> session.closeWhenDone();
            case NOW -> session.endNow(true, new IllegalStateException("ended"));
            case BROKEN -> connection.breakStreams();
            case NOW_AND_BROKEN -> {
                connection.breakStreams();
                session.endNow(false, new IllegalStateException("ended"));
            }
        }
    }

    /** Never called: the coordinator knows the result. */
    private record Task() implements Callable<Integer>, java.io.Serializable {
        @Override
        public Integer call() {
            return 1;
        }
    }
}

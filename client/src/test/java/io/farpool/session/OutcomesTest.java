package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.codec.Codec;
import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Place;
import io.farpool.wire.Protocol;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What a task threw, whatever the user's class makes of being asked. */
class OutcomesTest extends DrivenCore {
    private final PayloadCodec payloads =
            new PayloadCodec(new Codec(), new PayloadDirectory(), Protocol.MAX_INLINE_PAYLOAD_BYTES);

    @Test
    void anExceptionSaysWhereItWasThrown() {
        Throwable arrived = delivered(new IllegalStateException("ordinary"));
        StackTraceElement[] trace = arrived.getStackTrace();
        assertThat(trace[trace.length - 1].getClassName()).isEqualTo("worker process 11 on node-1");
        assertThat(trace[trace.length - 1].getMethodName()).isEqualTo("attempt 1");
    }

    @Test
    void anExceptionWhoseStackTraceCannotBeHadFailsItsFutureAllTheSame() {
        assertThat(delivered(new TraceThrows())).isInstanceOf(TraceThrows.class);
        assertThat(delivered(new TraceIsNull())).isInstanceOf(TraceIsNull.class);
        assertThat(delivered(new TraceIsFixed())).isInstanceOf(TraceIsFixed.class);
    }

    private Throwable delivered(Throwable thrown) {
        TaskFuture<?> future = submit(1, 0);
        future.deliver(
                Completion.newBuilder()
                        .setAttempts(1)
                        .setOutcome(Outcome.newBuilder()
                                .setFailure(Failure.newBuilder().setException(payloads.encode(thrown, "the exception")))
                                .setPlace(Place.newBuilder()
                                        .setHost("node-1")
                                        .setPid(11)
                                        .setAttempt(1)))
                        .build(),
                payloads);
        assertThat(future).isDone();
        return future.handle((value, failure) ->
                        failure instanceof CompletionException wrapped ? wrapped.getCause() : failure)
                .join();
    }

    static final class TraceThrows extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new IllegalStateException("no trace for you");
        }
    }

    static final class TraceIsNull extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public StackTraceElement[] getStackTrace() {
            return null;
        }
    }

    static final class TraceIsFixed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public void setStackTrace(StackTraceElement[] trace) {
            throw new StackOverflowError("pretended");
        }
    }
}

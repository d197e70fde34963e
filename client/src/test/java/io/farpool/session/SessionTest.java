package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.farpool.NotSerializableTaskException;
import io.farpool.Shared;
import io.farpool.TaskOptions;
import io.farpool.bundle.ClassPathBundle;
import io.farpool.codec.Captures;
import io.farpool.codec.Codec;
import io.farpool.codec.PayloadCodec;
import io.farpool.contract.Await;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.shared.SharedBytes;
import io.farpool.wire.Protocol;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a session does with what it is given, before it is opened. */
class SessionTest {
    private final Codec codec = new Codec();
    private final PayloadDirectory directory = new PayloadDirectory();
    private final Session session = new Session(
            new SessionSettings(
                    "test", ProcessSpec.getDefaultInstance(), 1, Duration.ofSeconds(1), Duration.ofSeconds(1)),
            threads -> GrpcConnection.to("127.0.0.1:1", ClassPathBundle.of(List.of()), threads), // where nobody is
            new PayloadCodec(codec, directory, Protocol.MAX_INLINE_PAYLOAD_BYTES),
            directory,
            new LogDelivery(line -> {}),
            new KeepAlive("keeping-alive"));

    @AfterEach
    void end() throws InterruptedException {
        session.closeWhenDone();
        assertThat(session.awaitEnded(TimeUnit.SECONDS.toNanos(30))).isTrue();
    }

    @Test
    void aTaskThatCannotBeSerializedHoldsNoSharedValueHoweverItFails() {
        for (boolean byAnError : new boolean[] {true, false}) {
            Shared<String> shared = session.share("value");
            Path file = fileOf(shared);
            Reading task = new Reading(shared, new Failing(byAnError));
            if (byAnError) {
                assertThatExceptionOfType(AssertionError.class)
                        .isThrownBy(() -> session.submit(task, TaskOptions.defaults()))
                        .withMessage("an error of the user's");
            } else {
                assertThat(session.submit(task, TaskOptions.defaults()).exception())
                        .isInstanceOf(NotSerializableTaskException.class);
            }
            assertThat(file).exists();
            shared.close();
            Await.until("its file has gone", () -> !Files.exists(file));
        }
    }

    private Path fileOf(Shared<?> shared) {
        Captures captures = new Captures();
        byte[] ignored = captures.during(() -> codec.encode(shared));
        SharedBytes bytes = SharedBytes.in(captures).get(0);
        bytes.release();
        return bytes.file();
    }

    private record Reading(Shared<String> shared, Failing failing) implements Callable<String>, Serializable {
        @Override
        public String call() {
            return shared.get();
        }
    }

    private static final class Failing implements Serializable {
        private static final long serialVersionUID = 1L;
        private final boolean byAnError;

        Failing(boolean byAnError) {
            this.byAnError = byAnError;
        }

        private void writeObject(ObjectOutputStream out) {
            if (byAnError) {
                throw new AssertionError("an error of the user's");
            }
            throw new IllegalStateException("an exception of the user's");
        }
    }
}

package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.RemoteTaskException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;

class CodecThrowableTest {
    private final Codec codec = new Codec();

    @Test
    void anOrdinaryExceptionArrivesAsItself() {
        Exception sent = new IllegalStateException("message", new IOException("cause"));

        EncodedThrowable encoded = codec.encodeThrowable(sent);

        assertThat(encoded.className()).isEqualTo("java.lang.IllegalStateException");
        assertThat(encoded.message()).isEqualTo("message");
        assertThat(encoded.stackTrace())
                .contains("IllegalStateException: message", "Caused by: java.io.IOException: cause");
        ThrowableValues.sameThrowable(sent, codec.decodeThrowable(encoded));
    }

    @Test
    void oneThatCannotBeSerializedIsStoodInFor() {
        Throwable received = codec.decodeThrowable(
                codec.encodeThrowable(new ThrowableValues.Custom("text", 1, new Thread(() -> {}))));

        assertThat(received).isInstanceOfSatisfying(RemoteTaskException.class, standIn -> {
            assertThat(standIn.className()).isEqualTo("io.farpool.codec.ThrowableValues$Custom");
            assertThat(standIn.remoteMessage()).isEqualTo("text");
            assertThat(standIn.remoteStackTrace()).contains("oneThatCannotBeSerializedIsStoodInFor");
        });
    }

    @Test
    void oneWhoseClassIsUnknownHereIsStoodInFor() throws IOException {
        try (URLClassLoader stranger = new URLClassLoader(new URL[0], ClassLoader.getPlatformClassLoader())) {
            Throwable received = new Codec(stranger)
                    .decodeThrowable(codec.encodeThrowable(new ThrowableValues.Custom("text", 1, null)));

            assertThat(received).isInstanceOfSatisfying(RemoteTaskException.class, standIn -> {
                assertThat(standIn.className()).isEqualTo("io.farpool.codec.ThrowableValues$Custom");
                assertThat(standIn.getSuppressed()[0]).hasMessageContaining("io.farpool.codec.ThrowableValues$Custom");
            });
        }
    }

    @Test
    void oneWithoutBytesIsStoodInFor() {
        Throwable received = codec.decodeThrowable(new EncodedThrowable(null, "com.acme.Lost", null, "at nowhere"));

        assertThat(received).isInstanceOf(RemoteTaskException.class).hasMessage("com.acme.Lost");
    }

    @Test
    void bytesOfSomethingElseAreStoodInFor() {
        Throwable received = codec.decodeThrowable(
                new EncodedThrowable(codec.encode("not an exception"), "com.acme.Odd", "m", "at nowhere"));

        assertThat(received).isInstanceOf(RemoteTaskException.class);
    }

    @Test
    void theMostUncooperativeExceptionIsDescribed() {
        EncodedThrowable encoded = codec.encodeThrowable(new Hostile());

        assertThat(encoded.bytes()).isNull();
        assertThat(encoded.className()).isEqualTo(Hostile.class.getName());
        assertThat(codec.decodeThrowable(encoded)).isInstanceOf(RemoteTaskException.class);
    }

    @Test
    void oneThatCannotBeReadIsStoodInFor() {
        EncodedThrowable encoded = codec.encodeThrowable(new Unreadable("text"));

        assertThat(encoded.bytes()).isNotNull();
        assertThat(codec.decodeThrowable(encoded))
                .isInstanceOfSatisfying(RemoteTaskException.class, standIn -> assertThat(standIn.remoteMessage())
                        .isEqualTo("text"));
    }

    @Test
    void aVeryLongChainOfCausesIsKept() {
        Throwable last = new Exception("first");
        for (int i = 0; i < 2_000; i++) {
            last = new RuntimeException("cause of it", last);
        }

        Throwable received = codec.decodeThrowable(codec.encodeThrowable(last));

        int length = 0;
        for (Throwable cause = received; cause != null; cause = cause.getCause()) {
            length++;
        }
        assertThat(length).isEqualTo(2_001);
    }

    static final class Hostile extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message for you");
        }

        @Override
        public void printStackTrace(PrintWriter writer) {
            throw new StackOverflowError();
        }

        private void writeObject(ObjectOutputStream output) {
            throw new OutOfMemoryError("pretended");
        }
    }

    static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }

        private void readObject(ObjectInputStream input) throws IOException {
            throw new IOException("pretended");
        }
    }
}

package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Contract line 11: whatever a task throws. */
final class ThrowableValues {
    private ThrowableValues() {}

    static void addTo(Values.Table table) {
        throwable(table, "RuntimeException", () -> new IllegalStateException("message"));
        throwable(table, "exception without message", NullPointerException::new);
        throwable(table, "checked exception", () -> new TimeoutException("late"));
        throwable(table, "Error", () -> new AssertionError("failed"));
        throwable(table, "StackOverflowError", ThrowableValues::overflow);
        throwable(table, "OutOfMemoryError", () -> new OutOfMemoryError("heap"));
        throwable(
                table,
                "exception with causes",
                () -> new ExecutionException("outer", new UncheckedIOException("middle", new IOException("inner"))));
        throwable(table, "exception with suppressed ones", () -> {
            Exception exception = new Exception("main");
            exception.addSuppressed(new IOException("first"));
            exception.addSuppressed(new IllegalArgumentException("second", new Error("its cause")));
            return exception;
        });
        throwable(table, "SQLException", () -> new SQLException("reason", "42000", 17));
        table.checked("exception with fields", () -> new Custom("message", 7, List.of("detail")), (sent, received) -> {
            sameThrowable((Throwable) sent, (Throwable) received);
            assertThat(((Custom) received).code).isEqualTo(7);
            assertThat(((Custom) received).details).isEqualTo(List.of("detail"));
        });
        table.checked(
                "exception holding what is not Serializable",
                () -> new Custom("m", 1, new GraphValues.Node("n")),
                (sent, received) -> assertThat(((GraphValues.Node) ((Custom) received).details).name)
                        .isEqualTo("n"));
        table.checked(
                "anonymous exception",
                () -> new RuntimeException("anonymous") {
                    private static final long serialVersionUID = 1L;
                },
                (sent, received) -> sameThrowable((Throwable) sent, (Throwable) received));
        table.checked(
                "exceptions that cause each other",
                () -> {
                    Exception first = new Exception("first");
                    first.initCause(new Exception("second", first));
                    return first;
                },
                (sent, received) ->
                        assertThat(((Throwable) received).getCause().getCause()).isSameAs(received));
        table.checked(
                "exception suppressed by its cause",
                () -> {
                    Exception cause = new Exception("cause");
                    Exception exception = new Exception("exception", cause);
                    cause.addSuppressed(exception);
                    return exception;
                },
                (sent, received) -> assertThat(((Throwable) received).getCause().getSuppressed()[0])
                        .isSameAs(received));
        table.checked("exception without stack trace", () -> new Quiet(), (sent, received) -> {
            assertThat(((Throwable) received).getStackTrace()).isEmpty();
            assertThat(received).isInstanceOf(Quiet.class);
        });
    }

    private static void throwable(Values.Table table, String name, java.util.concurrent.Callable<Throwable> make) {
        table.checked(name, make::call, (sent, received) -> sameThrowable((Throwable) sent, (Throwable) received));
    }

    static void sameThrowable(Throwable sent, Throwable received) {
        assertThat(received.getClass()).isEqualTo(sent.getClass());
        assertThat(received.getMessage()).isEqualTo(sent.getMessage());
        assertThat(received.getStackTrace()).containsExactly(sent.getStackTrace());
        for (int i = 0; i < sent.getStackTrace().length; i++) {
            assertThat(received.getStackTrace()[i]).hasToString(sent.getStackTrace()[i].toString());
        }
        assertThat(received.getSuppressed()).hasSameSizeAs(sent.getSuppressed());
        for (int i = 0; i < sent.getSuppressed().length; i++) {
            sameThrowable(sent.getSuppressed()[i], received.getSuppressed()[i]);
        }
        if (sent.getCause() == null) {
            assertThat(received.getCause()).isNull();
        } else {
            sameThrowable(sent.getCause(), received.getCause());
        }
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int endless(int depth) {
        return endless(depth + 1) + 1;
    }

    private static Throwable overflow() {
        try {
            return new IllegalStateException("" + endless(0));
        } catch (StackOverflowError e) {
            return e;
        }
    }

    static class Custom extends Exception {
        private static final long serialVersionUID = 1L;

        final int code;
        final Object details;

        Custom(String message, int code, Object details) {
            super(message);
            this.code = code;
            this.details = details;
        }
    }

    static class Quiet extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Quiet() {
            super("quiet", null, false, false);
        }
    }
}

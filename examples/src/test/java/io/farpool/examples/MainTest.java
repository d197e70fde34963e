package io.farpool.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class MainTest {
    @Test
    void describesAFailureInOneLineWithoutItsWrappers() {
        Throwable failure = new CompletionException(new ExecutionException(new IOException("disk full\nat sector 7")));
        assertThat(Main.describe(failure)).isEqualTo("IOException: disk full");
    }

    @Test
    void describesAFailureWithoutAMessageByItsType() {
        assertThat(Main.describe(new IllegalStateException())).isEqualTo("IllegalStateException");
        assertThat(Main.describe(new CompletionException("alone", null))).isEqualTo("CompletionException: alone");
    }

    @Test
    void aFailureIsOneLineAndItsStackTraceIsForWhoAsks() {
        Failing failing = new Failing(new IllegalStateException("no luck"));
        assertThat(stderrOf(1, failing)).isEqualTo("failing: IllegalStateException: no luck\n");
        assertThat(stderrOf(1, failing, "-v"))
                .startsWith("failing: IllegalStateException: no luck\njava.lang.IllegalStateException: no luck\n\tat ");
    }

    @Test
    void anErrorThatATaskThrewIsAFailureLikeAnyOther() {
        Failing failing = new Failing(new OutOfMemoryError("Java heap space"));
        assertThat(stderrOf(1, failing)).isEqualTo("failing: OutOfMemoryError: Java heap space\n");
        assertThat(stderrOf(1, failing, "--verbose")).contains("\n\tat ");
    }

    private static String stderrOf(int exitCode, Object command, String... args) {
        PrintStream stderr = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        try {
            System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
            assertThat(Main.execute(command, args)).isEqualTo(exitCode);
        } finally {
            System.setErr(stderr);
        }
        return written.toString(StandardCharsets.UTF_8);
    }

    @Command(name = "failing")
    private static final class Failing implements Callable<Integer> {
        private final Throwable failure;

        Failing(Throwable failure) {
            this.failure = failure;
        }

        @Override
        public Integer call() throws Exception {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (Exception) failure;
        }
    }
}

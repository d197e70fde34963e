package io.farpool.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

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
}

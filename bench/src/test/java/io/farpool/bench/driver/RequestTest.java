package io.farpool.bench.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RequestTest {
    @Test
    void aLineIsReadAsItWasWritten() {
        Request request = Request.parse("makespan micros=1000,2000 times=3");
        assertThat(request.verb()).isEqualTo("makespan");
        assertThat(request.number("times")).isEqualTo(3);
        assertThat(request.numbers("micros")).containsExactly(1_000, 2_000);
        assertThat(request.line()).isEqualTo("makespan micros=1000,2000 times=3");
    }

    @Test
    void aMissingNumberIsNamed() {
        assertThatThrownBy(() -> Request.parse("latency").number("tasks"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'latency' says no tasks");
    }
}

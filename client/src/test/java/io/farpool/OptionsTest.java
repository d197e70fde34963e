package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void taskOptionsSetNothingByDefault() {
        TaskOptions defaults = TaskOptions.defaults();
        assertThat(defaults.timeout()).isEmpty();
        assertThat(defaults.attempts()).isEmpty();
        assertThat(defaults.attemptsAfterHostLoss()).isEqualTo(3);
        assertThat(defaults.attemptsAfterFailure()).isEqualTo(1);
        assertThat(defaults.retryOn()).isEmpty();
        assertThat(defaults.priority()).isZero();
        assertThat(defaults.name()).isEmpty();
    }

    @Test
    void attemptsHoldForEveryCause() {
        TaskOptions once = TaskOptions.defaults().attempts(1).retryOn(IOException.class);
        assertThat(once.attemptsAfterHostLoss()).isEqualTo(1);
        assertThat(once.attemptsAfterFailure()).isEqualTo(1);
        TaskOptions retried = TaskOptions.defaults().retryOn(IOException.class);
        assertThat(retried.attemptsAfterFailure()).isEqualTo(3);
        assertThat(retried.retriesOn(new java.io.FileNotFoundException())).isTrue();
        assertThat(retried.retriesOn(new IllegalStateException())).isFalse();
        assertThat(retried.retryOn().isEmpty()).isFalse();
    }

    @Test
    void mergingOverridesOnlyWhatIsSet() {
        TaskOptions base = TaskOptions.defaults()
                .timeout(Duration.ofSeconds(1))
                .attempts(2)
                .name("base");
        TaskOptions over = TaskOptions.defaults().attempts(5).priority(7);
        assertThat(base.mergedWith(over))
                .isEqualTo(TaskOptions.defaults()
                        .timeout(Duration.ofSeconds(1))
                        .attempts(5)
                        .name("base")
                        .priority(7));
        assertThat(base.mergedWith(TaskOptions.defaults())).isEqualTo(base).hasSameHashCodeAs(base);
    }

    @Test
    void taskOptionsRefuseWhatMakesNoSense() {
        TaskOptions options = TaskOptions.defaults();
        assertThatThrownBy(() -> options.timeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeout is PT0S");
        assertThatThrownBy(() -> options.attempts(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("attempts is 0; it must be at least 1");
        assertThatThrownBy(() -> options.name("x".repeat(201))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mapOptionsAreUnboundedByDefault() {
        MapOptions defaults = MapOptions.defaults();
        assertThat(defaults.chunkSize()).isEqualTo(1);
        assertThat(defaults.bufferSize()).isEmpty();
        assertThat(defaults.timeout()).isEmpty();
        MapOptions changed =
                defaults.chunkSize(64).timeout(Duration.ofSeconds(2)).bufferSize(100);
        assertThat(changed.chunkSize()).isEqualTo(64);
        assertThat(changed.bufferSize()).hasValue(100);
        assertThat(changed.timeout()).hasValue(Duration.ofSeconds(2));
        assertThat(defaults.chunkSize()).isEqualTo(1);
    }

    @Test
    void processContextsGrow() {
        ProcessContext context = ProcessContext.defaults()
                .jvmOptions("-Xmx1g")
                .jvmOptions("-Da=b", "-ea")
                .environment("TOKEN", "secret")
                .workingDirectory(Path.of("work"))
                .javaHome(Path.of("jdk"));
        assertThat(context.jvmOptions()).isEqualTo(List.of("-Xmx1g", "-Da=b", "-ea"));
        assertThat(context.environment()).isEqualTo(Map.of("TOKEN", "secret"));
        assertThat(context.workingDirectory()).hasValue(Path.of("work"));
        assertThat(context.javaHome()).hasValue(Path.of("jdk"));
        assertThat(context.toString()).contains("TOKEN").doesNotContain("secret");
        assertThat(ProcessContext.defaults().jvmOptions()).isEmpty();
        assertThatThrownBy(() -> context.environment("A=B", "c")).isInstanceOf(IllegalArgumentException.class);
    }
}

package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ForwardedOptionsTest {
    @Test
    void whatMakesCodeBehaveDifferentlyIsForwardedAndTheRestIsNot() {
        assertThat(ForwardedOptions.select(List.of(
                        "-Xmx4g",
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "-cp",
                        "-ea.jar",
                        "-ea",
                        "--enable-preview",
                        "-Duser.timezone=UTC",
                        "-Dmy.secret=1",
                        "-agentlib:jdwp=transport=dt_socket",
                        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                        "com.example.Main",
                        "-da")))
                .containsExactly(
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "-ea",
                        "--enable-preview",
                        "-Duser.timezone=UTC",
                        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");
    }
}

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
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-ea",
                        "--enable-preview",
                        "-Duser.timezone=UTC",
                        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");
    }

    @Test
    void whatIsSaidOfModulesHoldsForTheClassPathOfWorkerProcesses() {
        assertThat(ForwardedOptions.select(List.of(
                        "--module-path",
                        "mods",
                        "--add-opens",
                        "my.app/my.app.model=farpool.client",
                        "--add-opens=java.base/java.util=my.app,other",
                        "--add-reads",
                        "my.app=ALL-UNNAMED",
                        "--add-modules",
                        "my.app,jdk.incubator.vector,java.sql",
                        "--add-modules=ALL-MODULE-PATH",
                        "--enable-native-access=my.app",
                        "-m",
                        "my.app/my.app.Main")))
                .containsExactly(
                        "--add-opens=java.base/java.util=ALL-UNNAMED",
                        "--add-modules=jdk.incubator.vector,java.sql",
                        "--enable-native-access=ALL-UNNAMED");
    }
}

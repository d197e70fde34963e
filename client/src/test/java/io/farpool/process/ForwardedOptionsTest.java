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
                        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED")))
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
                        "+UseSerialGC", // as it stands in a file of -XX:Flags
                        "--enable-native-access=my.app")))
                .containsExactly(
                        "--add-opens=java.base/java.util=ALL-UNNAMED",
                        "--add-modules=jdk.incubator.vector,java.sql",
                        "--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void whatIsTheProgramsOwnIsNotForwarded() {
        assertThat(ForwardedOptions.beforeTheProgram(List.of("-ea", "-jar", "crunch.jar", "-data", "in")))
                .containsExactly("-ea");
        assertThat(ForwardedOptions.beforeTheProgram(
                        List.of("--source", "17", "--add-reads", "a=b", "-cp", "-x", "-ea", "Main.java", "-da")))
                .containsExactly("--source", "17", "--add-reads", "a=b", "-cp", "-x", "-ea");
        assertThat(ForwardedOptions.beforeTheProgram(List.of("-p", "mods", "--module=my.app", "--add-modules", "x")))
                .containsExactly("-p", "mods");
        assertThat(ForwardedOptions.beforeTheProgram(List.of("-cp"))).containsExactly("-cp");
    }
}

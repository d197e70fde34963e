package io.farpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@DisplayName("The farpool command")
class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "worker --slots 0                    | '0'       | a whole number from 1 to 10000",
                "worker --slots two                  | 'two'     | a whole number from 1 to 10000",
                "worker --slots -1                   | '-1'      | a whole number from 1 to 10000",
                "worker --drain-timeout 30           | '30'      | a number with a unit",
                "worker --drain-timeout 25h          | '25h'     | of at most 24h",
                "worker --coordinator nowhere        | 'nowhere' | HOST:PORT",
                "worker --coordinator host:0         | 'host:0'  | a port from 1 to 65535",
                "worker --coordinator host:65536     | 'host:65536' | a port from 1 to 65535",
                "worker --coordinator :7077          | ':7077'   | HOST:PORT",
                "worker --coordinator http://h:7077  | 'http://h:7077' | HOST:PORT",
                "worker --coordinator ::1:7077       | '::1:7077' | [::1]:7077",
                "worker --name=                      | ''        | 1 to 200 characters",
                "worker --memory-share 0             | '0'       | above 0 and at most 1",
                "worker --memory-share NaN           | 'NaN'     | above 0 and at most 1",
                "worker --blob-cache 10              | '10'      | 512m or 10g",
                "coordinator --blob-cache 0g         | '0g'      | at least 1m",
                "status --coordinator nowhere        | 'nowhere' | HOST:PORT",
                "coordinator --credit-tasks 0        | '0'       | a whole number from 1 to 10000000",
                "coordinator --credit-bytes 64       | '64'      | 512m or 10g, of at least 1m",
                "coordinator --stream-window 257m    | '257m'    | 1m to 256m",
                "coordinator --max-transfers 0       | '0'       | a whole number from 1 to 10000000",
                "coordinator --session-lease 0s      | '0s'      | above 0 and of at most 24h",
                "coordinator --host-lease 3s         | '3000ms'  | at least 2 times --heartbeat, which is 2000ms",
                "coordinator --heartbeat 6s          | '10000ms' | at least 2 times --heartbeat, which is 6000ms",
                "coordinator --peer-silence 999ms    | '999ms'   | at least 1000ms",
                "worker --held-results-memory 1      | '1'       | at least 1m",
                "worker --process-connect 0ms        | '0ms'     | above 0 and of at most 24h",
                "coordinator --port 65536            | '65536'   | a whole number from 0 to 65535",
                "coordinator --host 0.0.0.0          | '0.0.0.0' | --insecure",
                "coordinator --host no.such.invalid  | 'no.such.invalid' | an address of this machine",
                "coordinator --prot 7077             | '--prot'  | --port",
                "coordinator 7077                    | '7077'    | options only",
                "cordinator                          | 'cordinator' | coordinator, worker, status, example",
            })
    void saysInOneLineWhatItGotAndWhatItExpected(String arguments, String value, String expected) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString())
                .startsWith("farpool")
                .contains(value)
                .contains("expected")
                .contains(expected);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void wantsACommand() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().asString().contains("coordinator, worker, status, example");
    }

    @Test
    void showsAStackTraceOnlyWhenVerbose() {
        run("worker", "--slots", "0");
        assertThat(err.toString()).doesNotContain("\tat ");
        run("-v", "worker", "--slots", "0");
        assertThat(err.toString()).contains("\tat ");
        err.getBuffer().setLength(0);
        run("worker", "-v", "--slots", "0");
        assertThat(err.toString()).as("-v behind the command's name").contains("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"coordinator", "worker", "status"})
    void helpsWithEachCommand(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString())
                .contains("Usage: farpool " + command)
                .contains("--help")
                .contains("--verbose")
                .contains("(default: ");
        assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void listsItsCommandsInTheHelp() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("  coordinator ", "  worker ", "  status ", "  example ");
    }

    @Test
    void showsItsVersionAndItsJava() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString().lines().toList())
                .first()
                .asString()
                .matches("farpool \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
        assertThat(out.toString()).contains("Java " + Runtime.version());
    }

    @Test
    void hasTheDefaultsThatAreDocumented() {
        var coordinator = CommandLines.parse(List.of("coordinator")).commandSpec();
        assertThat(coordinator.findOption("--host").<String>getValue()).isEqualTo("127.0.0.1");
        assertThat(coordinator.findOption("--port").<Integer>getValue()).isEqualTo(7077);
        assertThat(coordinator.findOption("--insecure").<Boolean>getValue()).isFalse();
        var worker = CommandLines.parse(List.of("worker")).commandSpec();
        assertThat(worker.findOption("--slots").<Integer>getValue())
                .isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(worker.findOption("--drain-timeout").<Object>getValue()).hasToString("PT30S");
    }

    @Test
    void saysThatNoCoordinatorAnswers() throws IOException {
        int port = closedPort();
        assertThat(run("status", "--coordinator", "127.0.0.1:" + port)).isEqualTo(1);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("farpool status: no coordinator answers at 127.0.0.1:" + port + " (Connection refused)")
                .contains("expected a coordinator");
    }

    @Test
    void saysThatWhatAnswersIsSilent() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            int port = silent.getLocalPort();
            assertThat(run("status", "--coordinator", "127.0.0.1:" + port, "--timeout", "200ms"))
                    .isEqualTo(1);
            assertThat(err.toString().lines()).singleElement().asString().contains("127.0.0.1:" + port);
        }
    }

    private int run(String... arguments) {
        CommandLine commandLine = Farpool.commandLine();
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err));
        return commandLine.execute(arguments);
    }

    /** A port that nothing listens on: it was free a moment ago. */
    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}

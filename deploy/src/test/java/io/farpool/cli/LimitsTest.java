package io.farpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.blob.TransferMemory;
import io.farpool.worker.WorkerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

@DisplayName("The limits of a coordinator and a worker")
class LimitsTest {
    private static final CoordinatorSettings COORDINATOR = CoordinatorSettings.defaults();

    @Test
    void areThoseOfTheirSettingsWhenNothingIsSaid() throws CommandFailedException {
        assertThat(coordinator()).isEqualTo(COORDINATOR);
        assertThat(worker().withName("name"))
                .isEqualTo(WorkerSettings.defaults()
                        .withName("name")
                        .withCoordinator("127.0.0.1:7077")
                        .withConnectTimeout(Duration.ofSeconds(10)));
    }

    @ParameterizedTest
    @CsvSource({
        "--credit-tasks, 7, creditTasks=100000, creditTasks=7",
        "--credit-bytes, 7m, creditBytes=67108864, creditBytes=7340032",
        "--unacknowledged-results, 7m, unacknowledgedBytes=67108864, unacknowledgedBytes=7340032",
        "--log-buffer, 7m, logBytes=8388608, logBytes=7340032",
        "--max-sessions, 7, maxSessions=10000, maxSessions=7",
        "--max-hosts, 7, maxHosts=10000, maxHosts=7",
        "--max-host-state, 7m, maxStateBytes=1073741824, maxStateBytes=7340032",
        "--heartbeat, 3s, heartbeatMillis=2000, heartbeatMillis=3000",
        "--host-lease, 7s, hostLeaseMillis=10000, hostLeaseMillis=7000",
        "--reconnect-grace, 7s, reconnectGraceMillis=10000, reconnectGraceMillis=7000",
        "--session-lease, 10m, sessionLeaseMillis=30000, sessionLeaseMillis=600000",
        "--peer-silence, 10m, peerSilence=PT50S, peerSilence=PT10M",
        "--recovery-window, 7s, recoveryWindowMillis=10000, recoveryWindowMillis=7000",
        "--blob-cache, 7m, blobLimitBytes=10737418240, blobLimitBytes=7340032",
    })
    void areChangedByTheirFlagAlone(String flag, String value, String before, String after)
            throws CommandFailedException {
        assertThat(COORDINATOR.toString()).containsOnlyOnce(before);
        assertThat(coordinator(flag, value)).hasToString(COORDINATOR.toString().replace(before, after));
    }

    @ParameterizedTest
    @CsvSource({
        "--held-results, 7m, heldFileBytes=4294967296, heldFileBytes=7340032",
        "--held-results-memory, 7m, heldOutcomeBytes=67108864, heldOutcomeBytes=7340032",
        "--process-connect, 7s, processConnect=PT1M, processConnect=PT7S",
        "--blob-cache, 7m, blobCacheBytes=10737418240, blobCacheBytes=7340032",
        "--max-process-memory, 7m, maxProcessMemoryBytes=0, maxProcessMemoryBytes=7340032",
        "--coordinator-loss-timeout, 7s, coordinatorLoss=PT10M, coordinatorLoss=PT7S",
    })
    void ofAWorkerTooAreChangedByTheirFlagAlone(String flag, String value, String before, String after)
            throws CommandFailedException {
        String without = worker("--name", "name").toString();
        assertThat(without).containsOnlyOnce(before);
        assertThat(worker("--name", "name", flag, value)).hasToString(without.replace(before, after));
    }

    @Test
    void leaveRoomForFewerTransfersWhenTheWindowIsWide() throws CommandFailedException {
        CoordinatorSettings wide = coordinator("--stream-window", "16m");
        assertThat(wide.streamWindowBytes()).isEqualTo(16 << 20);
        assertThat(wide.maxTransfers())
                .isEqualTo(CoordinatorSettings.maxTransfers(Runtime.getRuntime().maxMemory(), 16 << 20));
        assertThat(wide.blobTransferBytes())
                .isEqualTo(TransferMemory.inAHeapOf(Runtime.getRuntime().maxMemory(), 16 << 20)
                        .bytes());
        CoordinatorSettings chosen =
                coordinator("--max-transfers", "7", "--blob-transfer-memory", "8m", "--stream-window", "16m");
        assertThat(chosen.maxTransfers()).isEqualTo(7);
        assertThat(chosen.blobTransferBytes()).isEqualTo(8 << 20);
    }

    @Test
    void letAClientNameAllThatItMayHaveSent() throws CommandFailedException {
        assertThat(coordinator("--credit-tasks", "10000000").scheduling().pendingTasks())
                .isGreaterThanOrEqualTo(10_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"coordinator", "worker"})
    void areAllInTheDocumentation(String command) throws IOException {
        String limits = Files.readString(Path.of("../docs/limits.md"));
        for (OptionSpec option :
                CommandLines.parse(List.of(command)).commandSpec().options()) {
            boolean aLimit = option.typeInfo().getType() != boolean.class
                    && option.converters().length > 0
                    && option.defaultValue() != null
                    && !option.longestName().matches("--port|--coordinator");
            if (aLimit) {
                assertThat(limits).contains("`" + command + " " + option.longestName() + "`");
            }
        }
    }

    private static CoordinatorSettings coordinator(String... arguments) throws CommandFailedException {
        CoordinatorCommand command = new CoordinatorCommand();
        new CommandLine(command).parseArgs(arguments);
        return command.settings();
    }

    private static WorkerSettings worker(String... arguments) throws CommandFailedException {
        WorkerCommand command = new WorkerCommand();
        new CommandLine(command).parseArgs(arguments);
        return command.settings();
    }
}

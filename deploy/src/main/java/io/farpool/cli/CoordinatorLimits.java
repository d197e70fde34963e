package io.farpool.cli;

import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.endpoint.EndpointSettings;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The limits that a coordinator may be given; docs/limits.md says what each is for, and what happens past it. */
final class CoordinatorLimits {
    private static final int HEARTBEATS_IN_A_LEASE = 2;

    @Option(
            names = "--credit-tasks",
            paramLabel = "N",
            defaultValue = "100000",
            converter = WholeNumber.Amount.class,
            description =
                    "Tasks that a session may have here; the rest waits at its client (default: ${DEFAULT-VALUE}).")
    private int creditTasks;

    @Option(
            names = "--credit-bytes",
            paramLabel = "SIZE",
            defaultValue = "64m",
            converter = ByteSize.class,
            description = "How large they may be together, without large payloads (default: ${DEFAULT-VALUE}).")
    private long creditBytes;

    @Option(
            names = "--unacknowledged-results",
            paramLabel = "SIZE",
            defaultValue = "64m",
            converter = ByteSize.class,
            description = "Results, without large ones, that a client may leave unread here; past it no more of its "
                    + "tasks are handed out (default: ${DEFAULT-VALUE}).")
    private long unacknowledgedBytes;

    @Option(
            names = "--log-buffer",
            paramLabel = "SIZE",
            defaultValue = "8m",
            converter = ByteSize.class,
            description =
                    "A session's printed lines that wait here for its client; past it the oldest are dropped, with a "
                            + "count (default: ${DEFAULT-VALUE}).")
    private long logBytes;

    @Option(
            names = "--stream-window",
            paramLabel = "SIZE",
            converter = ByteSize.StreamWindow.class,
            description = "What one client or worker may have on its way here at once. At 100 ms there and back, 4m is "
                    + "40 MB/s at the very most: wider for long lines (default: 4m, with less than 256m of heap a "
                    + "sixty-fourth of that and at least 1m).")
    private @Nullable Long streamWindowBytes;

    @Option(
            names = "--max-transfers",
            paramLabel = "N",
            converter = WholeNumber.Amount.class,
            description =
                    "Large payloads relayed at once, each of which takes the stream window and 3m when its receiver is "
                            + "slow (default: what the heap has room for, 16 to 1024).")
    private @Nullable Integer maxTransfers;

    @Option(
            names = "--blob-transfer-memory",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            description =
                    "Memory for jars and shared values on their way here, and as much again for those on their way "
                            + "to workers; more is tried again later (default: an eighth of the heap, or room for 4 on "
                            + "their way here).")
    private @Nullable Long blobTransferBytes;

    @Option(
            names = "--max-sessions",
            paramLabel = "N",
            defaultValue = "10000",
            converter = WholeNumber.Amount.class,
            description = "Sessions open at once; more are refused (default: ${DEFAULT-VALUE}).")
    private int maxSessions;

    @Option(
            names = "--max-hosts",
            paramLabel = "N",
            defaultValue = "10000",
            converter = WholeNumber.Amount.class,
            description = "Workers attached at once; more are refused (default: ${DEFAULT-VALUE}).")
    private int maxHosts;

    @Option(
            names = "--max-host-state",
            paramLabel = "SIZE",
            defaultValue = "1g",
            converter = ByteSize.class,
            description =
                    "What a worker that attaches may tell of its sessions, its tasks and the results that it holds; "
                            + "one with more is refused (default: ${DEFAULT-VALUE}).")
    private long maxHostStateBytes;

    @Option(
            names = "--heartbeat",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = DurationConverter.AboveZero.class,
            description = "How often workers are to say something (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration heartbeat;

    @Option(
            names = "--host-lease",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.AboveZero.class,
            description = "Without a word from a worker for so long, what it had runs again elsewhere (default: "
                    + "${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration hostLease;

    @Option(
            names = "--reconnect-grace",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.AboveZero.class,
            description = "How long a worker whose connection broke may take to come back (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration reconnectGrace;

    @Option(
            names = "--session-lease",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = DurationConverter.AboveZero.class,
            description = "The same for a client; then its tasks and processes are cleared away (default: "
                    + "${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration sessionLease;

    @Option(
            names = "--peer-silence",
            paramLabel = "TIME",
            defaultValue = "50s",
            converter = DurationConverter.AboveZero.class,
            description = "How long a client may say nothing, not even answer a ping, until its connection counts as "
                    + "broken; longer where clients are debugged (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration peerSilence;

    @Option(
            names = "--recovery-window",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.AboveZero.class,
            description =
                    "After the start, how long to wait for workers that may have tasks of sessions that were open "
                            + "before (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration recoveryWindow;

    /**
     * The settings with these limits.
     *
     * @throws ParameterException if two of them do not go together
     */
    CoordinatorSettings apply(CoordinatorSettings settings, CommandLine commandLine) {
        if (hostLease.compareTo(heartbeat.multipliedBy(HEARTBEATS_IN_A_LEASE)) < 0) {
            throw new ParameterException(
                    commandLine,
                    "--host-lease is '" + hostLease.toMillis() + "ms', expected at least " + HEARTBEATS_IN_A_LEASE
                            + " times --heartbeat, which is " + heartbeat.toMillis() + "ms");
        }
        if (peerSilence.compareTo(CoordinatorSettings.MIN_PEER_SILENCE) < 0) {
            throw new ParameterException(
                    commandLine,
                    "--peer-silence is '" + peerSilence.toMillis() + "ms', expected at least "
                            + CoordinatorSettings.MIN_PEER_SILENCE.toMillis() + "ms");
        }
        EndpointSettings endpoints = settings.endpoints()
                .withHeartbeatMillis(heartbeat.toMillis())
                .withMost(maxSessions, maxHosts)
                .withMaxStateBytes(maxHostStateBytes)
                .withLogBytes(logBytes);
        SchedulerSettings scheduling = settings.scheduling()
                .withCredit(creditTasks, creditBytes)
                .withUnacknowledgedBytes(unacknowledgedBytes)
                .withLeases(hostLease.toMillis(), reconnectGrace.toMillis(), sessionLease.toMillis())
                .withRecoveryWindowMillis(recoveryWindow.toMillis());
        CoordinatorSettings limited =
                settings.withPeerSilence(peerSilence).withEndpoints(endpoints).withScheduling(scheduling);
        if (streamWindowBytes != null) {
            limited = limited.withStreamWindowBytes(streamWindowBytes.intValue());
        }
        if (blobTransferBytes != null) {
            limited = limited.withBlobTransferBytes(blobTransferBytes);
        }
        return maxTransfers == null ? limited : limited.withMaxTransfers(maxTransfers);
    }
}

package io.farpool.worker.hosting;

import java.util.List;

/**
 * How a worker process ended.
 *
 * @param code its exit code; a death by a signal looks like 128 plus the signal's number
 * @param lastStderrLines at most 20, the newest last
 * @param outOfMemory the kernel has killed it for want of memory
 */
public record ProcessExit(int code, List<String> lastStderrLines, boolean outOfMemory) {
    /** Linux has 64 signals; exit codes past these cannot come from one. */
    private static final int LAST_SIGNAL = 64;

    private static final int SIGNAL_BASE = 128;

    /** Copies the lines. */
    public ProcessExit {
        lastStderrLines = List.copyOf(lastStderrLines);
    }

    /** The signal that the code stands for; 0 when it stands for none. A program that exits with 137 looks like one killed by SIGKILL. */
    public int signal() {
        return code > SIGNAL_BASE && code <= SIGNAL_BASE + LAST_SIGNAL ? code - SIGNAL_BASE : 0;
    }

    /** For messages: "exited with code 3", "was killed by signal 9 (SIGKILL), or exited with code 137". */
    public String describe() {
        if (outOfMemory) {
            return "was killed by the kernel, because the host or its memory limit had no memory left,";
        }
        if (signal() == 0) {
            return "exited with code " + code;
        }
        return "was killed by signal " + signal() + signalName() + ", or exited with code " + code;
    }

    private String signalName() {
        return switch (signal()) {
            case 1 -> " (SIGHUP)";
            case 2 -> " (SIGINT)";
            case 3 -> " (SIGQUIT)";
            case 4 -> " (SIGILL)";
            case 6 -> " (SIGABRT)";
            case 7 -> " (SIGBUS)";
            case 8 -> " (SIGFPE)";
            case 9 -> " (SIGKILL)";
            case 11 -> " (SIGSEGV)";
            case 15 -> " (SIGTERM)";
            default -> "";
        };
    }
}

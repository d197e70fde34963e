package io.farpool.worker;

import io.farpool.proto.v1.LogLine;
import io.farpool.worker.hosting.HostCore;
import io.farpool.worker.link.AttachStream;
import io.farpool.worker.process.WorkerProcesses;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes the lines that processes print, as long as the stream and the session's client take more of them; else they stay where they
 * are, and the process waits. Runs on the host's queue.
 */
final class ProcessLines {
    private final HostCore core;
    private final WorkerProcesses processes;
    private final AttachStream stream;
    /** Processes whose lines wait for the stream, or for the session's client, to take more. */
    private final Set<Long> waiting = new LinkedHashSet<>();

    ProcessLines(HostCore core, WorkerProcesses processes, AttachStream stream) {
        this.core = core;
        this.processes = processes;
        this.stream = stream;
    }

    /** There are lines of this process. */
    void available(long process) {
        if (stream.isReady() && core.takesLines(process)) {
            core.wrote(process, processes.takeLines(process));
        } else {
            waiting.add(process);
        }
    }

    /** More may be taken than before. */
    void tryAgain() {
        if (stream.isReady() && !waiting.isEmpty()) {
            List<Long> again = List.copyOf(waiting);
            waiting.clear();
            again.forEach(this::available);
        }
    }

    /** The process has exited. Its last lines are taken in any case. */
    void last(long process, List<LogLine> lines) {
        waiting.remove(process);
        core.wrote(process, lines);
    }
}

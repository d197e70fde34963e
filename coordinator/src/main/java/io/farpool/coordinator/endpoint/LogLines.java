package io.farpool.coordinator.endpoint;

import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.SessionLog;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/**
 * What a session's processes printed, on its way to the client: waits here while the client's stream takes no more, so that
 * completions never queue up behind much of it, and says to the hosts what has gone on, so that they send more. Hosts keep
 * within a window each; past a bound all the same, the oldest lines are dropped and counted.
 */
final class LogLines {
    /** Hosts are told in steps of so much: far less than their windows. */
    static final long TAKEN_STEP_BYTES = 64 << 10;

    /**
     * A host's report.
     *
     * @param windowBytes what it counts for at the host
     * @param bytes what it takes here
     * @param told the host need not wait for it to go on
     */
    private record Waiting(String host, List<LogLine> lines, long windowBytes, long bytes, boolean told) {}

    private final long mostBytes;
    private final ObjLongConsumer<String> taken;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long dropped;
    /** By host: gone on and not told yet. */
    private final Map<String, Long> untold = new LinkedHashMap<>();

    /**
     * @param mostBytes what may wait
     * @param taken is told that so many bytes of a host's lines are on their way or given up
     */
    LogLines(long mostBytes, ObjLongConsumer<String> taken) {
        this.mostBytes = mostBytes;
        this.taken = taken;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Takes in a host's report; {@code streaming}: there is a stream that the host should wait for. */
    void add(String host, SessionLog log, boolean streaming) {
        if (log.getLinesCount() == 0) {
            return;
        }
        long windowBytes = Math.max(0, log.getBytes());
        waiting.addLast(new Waiting(host, log.getLinesList(), windowBytes, log.getSerializedSize(), !streaming));
        waitingBytes += log.getSerializedSize();
        if (!streaming) {
            tell(host, windowBytes);
        }
        while (waitingBytes > mostBytes && waiting.size() > 1) {
            for (LogLine line : takeFirst().lines()) {
                dropped += 1 + line.getDroppedBefore();
            }
        }
    }

    /** Moves lines into a message, up to so many bytes and at least one host's report. */
    void moveTo(CompletionsResponse.Builder message, long bytes) {
        long moved = 0;
        while (moved < bytes && !waiting.isEmpty()) {
            Waiting first = takeFirst();
            moved += first.bytes();
            if (dropped > 0) {
                LogLine line = first.lines().get(0);
                message.addLogLines(line.toBuilder().setDroppedBefore(line.getDroppedBefore() + dropped));
                message.addAllLogLines(first.lines().subList(1, first.lines().size()));
                dropped = 0;
            } else {
                message.addAllLogLines(first.lines());
            }
        }
    }

    /** There is no stream any more that hosts should wait for: they may send on, up to the bound. */
    void letHostsGoOn() {
        List<Waiting> kept = List.copyOf(waiting);
        waiting.clear();
        for (Waiting one : kept) {
            if (!one.told()) {
                tell(one.host(), one.windowBytes());
            }
            waiting.addLast(new Waiting(one.host(), one.lines(), one.windowBytes(), one.bytes(), true));
        }
    }

    private Waiting takeFirst() {
        Waiting first = waiting.removeFirst();
        waitingBytes -= first.bytes();
        if (!first.told()) {
            tell(first.host(), first.windowBytes());
        }
        return first;
    }

    private void tell(String host, long gone) {
        long bytes = untold.merge(host, gone, Long::sum);
        if (bytes >= TAKEN_STEP_BYTES) {
            untold.remove(host);
            taken.accept(host, bytes);
        }
    }
}

package io.farpool.worker.hosting;

import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.Startup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One session on this host: what waits, its processes, and what it may have. */
final class HostedSession {
    /** How far its class path is; a failed one is asked for again when there is demand. */
    enum Code {
        ABSENT,
        RESOLVING,
        /** No process has been launched since it was looked at. */
        HERE,
        /** Processes have been launched with it: before the next it is looked at again, and what is damaged is fetched. */
        USED
    }

    /** Stands for it in this epoch; 0 while it is held from another. */
    int number;

    final String id;
    final ProcessSpec spec;
    final Bundle bundle;
    final long maxTasksPerProcess;
    /** Those being ended included. In the order they were launched. */
    final Set<HostedProcess> processes = new LinkedHashSet<>();

    final TaskLength taskLength = new TaskLength();
    Code code = Code.ABSENT;
    List<String> classPath = List.of();
    /** What its initializer is being, or has been, fetched by; 0: it was not needed, or not yet. */
    long initializerFetch;
    /** As processes are to be told it. */
    Payload initializer;

    int quota;
    /** Processes to be started ahead of tasks: what quotas have added, of a session that starts all at once. */
    int startsAhead;
    /** Of the newest Quota; its confirmation repeats it. */
    int quotaRevision;

    boolean quotaUnconfirmed;
    /** The coordinator has closed it, and waits to hear that its last process is gone. */
    boolean endUnconfirmed;
    /** Its initializer threw: it runs nothing any more. */
    boolean broken;
    /** One of its attempts that may have started has been dropped here. */
    boolean droppedStarted;

    long heldSinceMillis;

    boolean closed;
    int inFlight;
    long heldBytes;
    /** Of outcomes' payloads that are files. */
    long heldFileBytes;
    /** What its processes have written and the coordinator has not passed on yet. */
    long logBytes;
    /** Lines that could not be told, to be counted with the next that can. */
    long logLinesDropped;

    /** May hold attempts that are no longer queued; they are skipped. */
    private final ArrayDeque<Attempt> queue = new ArrayDeque<>();

    private int queued;
    /** Those whose payloads are on their way. */
    final Set<Attempt> fetching = new LinkedHashSet<>();

    HostedSession(SessionOpened opened) {
        this.number = opened.getSession();
        this.id = opened.getSessionId();
        this.spec = opened.getProcess();
        this.bundle = opened.getBundle();
        this.initializer = spec.getInitializer();
        int most = spec.getMaxTasksPerProcess();
        this.maxTasksPerProcess = most == 0 ? Long.MAX_VALUE : Integer.toUnsignedLong(most);
    }

    int queued() {
        return queued;
    }

    /** The coordinator it belonged to has gone: it keeps its quota, and nobody is told of it until it is opened again. */
    void hold(long nowMillis) {
        number = 0;
        quotaUnconfirmed = false;
        heldSinceMillis = nowMillis;
        logBytes = 0;
    }

    /** From here on it stands under that number. If its initializer threw, that is found again: nobody may know of it. */
    void reopen(int newNumber) {
        number = newNumber;
        quotaUnconfirmed = false;
        broken = false;
    }

    void enqueue(Attempt attempt) {
        attempt.state = Attempt.State.QUEUED;
        queue.addLast(attempt);
        queued++;
    }

    /** Lets one wait whose payload had to be fetched: before those that came after it. */
    void enqueueInPlace(Attempt attempt) {
        List<Attempt> later = new ArrayList<>();
        while (!queue.isEmpty() && queue.getLast().arrival > attempt.arrival) {
            later.add(queue.removeLast());
        }
        enqueue(attempt);
        Collections.reverse(later);
        queue.addAll(later);
    }

    /** Puts back what had been sent, before everything that waits, in the order it came. */
    void requeue(List<Attempt> attempts) {
        attempts.sort(
                Comparator.comparingLong((Attempt attempt) -> attempt.arrival).reversed());
        for (Attempt attempt : attempts) {
            attempt.state = Attempt.State.QUEUED;
            queue.addFirst(attempt);
            queued++;
        }
    }

    /** The next one; null when none waits. */
    @Nullable
    Attempt first() {
        while (true) {
            Attempt attempt = queue.peekFirst();
            if (attempt == null || attempt.state == Attempt.State.QUEUED) {
                return attempt;
            }
            queue.removeFirst();
        }
    }

    @Nullable
    Attempt poll() {
        Attempt attempt = first();
        if (attempt != null) {
            queue.removeFirst();
            queued--;
        }
        return attempt;
    }

    /** Takes one out of the middle. */
    void unqueue(Attempt attempt, Attempt.State next) {
        attempt.state = next;
        queued--;
        if (queued == 0) {
            queue.clear();
        }
    }

    /** Drops all that waits. */
    void clear() {
        queue.clear();
        fetching.clear();
        queued = 0;
    }

    /** Whether the other's class path must be kept for this one: a session that was ended and opened again. */
    boolean needsClassPathOf(HostedSession other) {
        return id.equals(other.id) && code != Code.ABSENT;
    }

    /** Processes that can be expected to run what waits. */
    int capacity() {
        int count = 0;
        for (HostedProcess process : processes) {
            if (process.isCapacity()) {
                count++;
            }
        }
        return count;
    }

    /** Whether more waits than its processes can be expected to run. */
    boolean isShortOfProcesses() {
        return queued + inFlight > capacity();
    }

    /** How many more processes it has work, also such as is on its way, or a wish to start ahead of it, and quota for. */
    int wanted() {
        if (closed || broken) {
            return 0;
        }
        return Math.max(0, Math.min(Math.max(work() - capacity(), startsAhead), quota - processes.size()));
    }

    /** Whether it has more processes than work, also such as is on its way. */
    boolean hasProcessToSpare() {
        return capacity() > work();
    }

    private int work() {
        return queued + fetching.size() + inFlight;
    }

    /** A new quota: what it adds is started ahead of tasks if the session wants that. */
    void quotaIs(int newQuota) {
        if (newQuota > quota && spec.getStartup() == Startup.ALL_AT_ONCE) {
            startsAhead = newQuota - processes.size();
        }
        quota = newQuota;
    }

    /** Marks as many processes as the quota is exceeded by, idle and least busy ones first; unmarks the others. */
    void chooseRetiring() {
        List<HostedProcess> staying = new ArrayList<>();
        for (HostedProcess process : processes) {
            process.retiring = false;
            if (process.state != HostedProcess.State.ENDING) {
                staying.add(process);
            }
        }
        int excess = staying.size() - quota;
        if (excess > 0) {
            Collections.reverse(staying);
            staying.sort(Comparator.comparingInt(process -> process.isStarting() ? -1 : process.inFlight.size()));
            for (int i = 0; i < excess; i++) {
                staying.get(i).retiring = true;
            }
        }
    }
}

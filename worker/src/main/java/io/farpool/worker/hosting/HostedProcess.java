package io.farpool.worker.hosting;

import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.Task;
import io.farpool.proto.v1.ToProcess;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One worker process as the core sees it, from the decision to launch it until it has exited. */
final class HostedProcess {
    /** Released values that one remembers; past it the oldest are kept until the session's end, should it ask for them. */
    static final int MOST_RELEASED = 1_000;

    /** LAUNCHED until its hello, PREPARING until it is ready, ENDING from the decision to end it until it has exited. */
    enum State {
        LAUNCHED,
        PREPARING,
        READY,
        ENDING
    }

    final long id;
    final HostedSession session;
    State state = State.LAUNCHED;
    /** 0 until its hello. */
    long pid;
    /** Sent and without an outcome, by ordinal, in the order they were sent. */
    final Map<Long, Attempt> inFlight = new LinkedHashMap<>();

    long inFlightBytes;
    /** The one that the marker showed last, while it has no outcome. */
    @Nullable
    Attempt running;
    /** Runs something for much longer than the session's tasks usually take: nothing is put behind it. */
    boolean slow;
    /** How many of those in flight have been asked back. */
    private int withdrawing;
    /** More than the quota: takes nothing new, and ends once idle. */
    boolean retiring;
    /** Attempts it was given and has not handed back. */
    long accepted;
    /** Attempts it has told the outcome of. */
    long done;

    /** Looks in a row at which it kept more memory than it may. */
    int largeLooks;

    long doneAtLook;
    boolean tooLarge;

    long idleSinceMillis;
    long killAtMillis = Long.MAX_VALUE;
    boolean killed;
    /** Nobody has decided to end it for reasons that have nothing to do with what it did. */
    boolean wanted = true;

    boolean wasReady;

    private long lastOrdinal;
    /** Shared values released while something was in flight here, with the last ordinal by then. */
    private final Map<Digest, Long> released = new LinkedHashMap<>();

    private List<ToProcess> full = new ArrayList<>(0);
    private ToProcess.@Nullable Builder outgoing;

    HostedProcess(long id, HostedSession session) {
        this.id = id;
        this.session = session;
    }

    boolean isIdle() {
        return state == State.READY && inFlight.isEmpty();
    }

    boolean isStarting() {
        return state == State.LAUNCHED || state == State.PREPARING;
    }

    /** Whether it can be expected to run something that waits. */
    boolean isCapacity() {
        return state != State.ENDING && !retiring && !isWornOut();
    }

    /** Not while it may hand tasks back, which are to be run before those that come now. */
    boolean takesRuns() {
        return state == State.READY && !retiring && !slow && withdrawing == 0 && !isWornOut();
    }

    /** It has been given all the tasks that a process of its session may run, or keeps too much memory to be given more. */
    boolean isWornOut() {
        return tooLarge || accepted >= session.maxTasksPerProcess;
    }

    /** Whether looking at its marker may tell something new. */
    boolean needsMarker() {
        return state != State.LAUNCHED && !inFlight.isEmpty() && (running == null || !running.startReported);
    }

    void run(Attempt attempt) {
        Task task = Objects.requireNonNull(attempt.task);
        attempt.state = Attempt.State.SENT;
        attempt.process = this;
        attempt.ordinal = ++lastOrdinal;
        inFlight.put(attempt.ordinal, attempt);
        inFlightBytes += attempt.taskBytes;
        session.inFlight++;
        accepted++;
        outgoing()
                .addRuns(RunInProcess.newBuilder()
                        .setOrdinal(attempt.ordinal)
                        .setStartNumber(attempt.startNumber)
                        .setSequence(attempt.sequence)
                        .setName(task.getName())
                        .setPayload(task.getPayload()));
    }

    /** Takes an attempt off the process; null when it is not there. */
    @Nullable
    Attempt take(long ordinal) {
        Attempt attempt = inFlight.remove(ordinal);
        if (attempt != null) {
            inFlightBytes -= attempt.taskBytes;
            session.inFlight--;
            if (attempt.withdrawing) {
                withdrawing--;
            }
            if (attempt == running) {
                running = null;
                slow = false;
            }
            if (inFlight.isEmpty()) {
                released.clear();
            }
        }
        return attempt;
    }

    void withdraw(Attempt attempt) {
        if (!attempt.withdrawing) {
            attempt.withdrawing = true;
            withdrawing++;
            outgoing().addWithdraw(attempt.ordinal);
        }
    }

    /** Asks for the latest of those that it cannot have started, at most so many. */
    void withdrawLatest(int most) {
        List<Attempt> unstarted = unstarted();
        for (int i = Math.max(0, unstarted.size() - most); i < unstarted.size(); i++) {
            withdraw(unstarted.get(i));
        }
    }

    /** Those that it cannot have started, as far as is known, and that have not been asked back. */
    List<Attempt> unstarted() {
        List<Attempt> unstarted = behindRunning();
        unstarted.removeIf(attempt -> attempt.withdrawing);
        return unstarted;
    }

    /** Those behind the one that runs or, as none is known to, may run. */
    List<Attempt> behindRunning() {
        List<Attempt> behind = new ArrayList<>();
        boolean passed = false;
        for (Attempt attempt : inFlight.values()) {
            if (passed) {
                behind.add(attempt);
            } else {
                passed = running == null || attempt == running;
            }
        }
        return behind;
    }

    /** Nobody wants what it runs any more. */
    void abandon(boolean asking) {
        boolean first = running == null;
        for (Attempt attempt : List.copyOf(inFlight.values())) {
            if (asking) {
                if (first || attempt == running) {
                    interrupt(attempt);
                }
                withdraw(attempt);
            }
            first = false;
            attempt.state = Attempt.State.GONE;
            take(attempt.ordinal);
        }
    }

    /** No task that anybody waits for needs these any more. */
    void forget(List<Digest> digests) {
        outgoing().addAllForget(digests);
        if (inFlight.isEmpty()) {
            return;
        }
        for (Digest digest : digests) {
            released.remove(digest);
            released.put(digest, lastOrdinal);
        }
        Iterator<Digest> oldestFirst = released.keySet().iterator();
        for (int i = released.size(); i > MOST_RELEASED; i--) {
            oldestFirst.next();
            oldestFirst.remove();
        }
    }

    /** Whether it was released after what runs now was sent. If not, it may have been shared again since. */
    boolean wasReleasedMeanwhile(Digest digest) {
        Long lastBefore = released.get(digest);
        return lastBefore != null && inFlight.keySet().iterator().next() <= lastBefore;
    }

    void interrupt(Attempt attempt) {
        if (outgoing().getInterrupt() != 0) {
            seal();
        }
        outgoing().setInterrupt(attempt.ordinal);
    }

    void stop() {
        outgoing().setStop(true);
    }

    ToProcess.Builder outgoing() {
        ToProcess.Builder message = outgoing;
        if (message == null) {
            message = ToProcess.newBuilder();
            outgoing = message;
        }
        return message;
    }

    boolean hasOutgoing() {
        return outgoing != null || !full.isEmpty();
    }

    List<ToProcess> takeOutgoing() {
        seal();
        List<ToProcess> messages = full;
        full = new ArrayList<>(0);
        return messages;
    }

    private void seal() {
        if (outgoing != null) {
            full.add(outgoing.build());
            outgoing = null;
        }
    }
}

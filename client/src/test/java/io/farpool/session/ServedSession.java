package io.farpool.session;

import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Cancelled;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Credit;
import io.farpool.proto.v1.GrantRequest;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.PoolGrpc;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SessionHosts;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The session as one life of a {@link RestartingCoordinator} knows it. Everything under that one's lock. */
final class ServedSession extends PoolGrpc.PoolImplBase {
    static final String HOST = "the-host";

    private final RestartingCoordinator home;
    private final long epoch;
    private boolean begun;
    /** Nobody hears what still arrives. */
    private boolean dead;

    private StreamObserver<CompletionsResponse> completions;
    private Submission submission;

    /** Has it, ran it, or was told of it: everything but what is wanted and has not come. */
    private final Set<Long> known = new HashSet<>();

    private final Set<Long> wanted = new HashSet<>();
    private final Set<Long> ended = new HashSet<>();
    private final TreeMap<Long, Completion> unacknowledged = new TreeMap<>();
    /** By attempt. */
    private final TreeMap<Long, Task> ungranted = new TreeMap<>();
    /** Counts for credit. */
    private final Set<Long> counted = new HashSet<>();

    private long lastNumber;
    private long lastAttempt;
    private int submitted;
    private int countedEnded;
    private boolean whenDone;

    ServedSession(RestartingCoordinator home, long epoch) {
        this.home = home;
        this.epoch = epoch;
    }

    int submitted() {
        return submitted;
    }

    // ------------------------------------------------------------------------------------------------ streams

    @Override
    public void open(OpenRequest request, StreamObserver<OpenResponse> response) {
        synchronized (home) {
            home.opened(request);
            if (!home.hasCode()) {
                response.onError(Status.FAILED_PRECONDITION
                        .withDescription("a blob of the bundle is missing")
                        .asRuntimeException());
                return;
            }
            if (home.openAnswersToLose > 0) {
                home.openAnswersToLose--;
                begun = true; // not every coordinator can tell
                response.onError(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            if (request.getResuming() && completions != null) {
                completions.onError(Status.ABORTED.asRuntimeException());
                completions = null;
            }
            response.onNext(OpenResponse.newBuilder()
                    .setProtocolVersion(1)
                    .setEpoch(epoch)
                    .setKnown(begun)
                    .setCredit(credit())
                    .build());
            response.onCompleted();
        }
    }

    @Override
    public void completions(CompletionsRequest request, StreamObserver<CompletionsResponse> stream) {
        synchronized (home) {
            if (dead) {
                return;
            }
            if (request.getEpoch() != epoch) {
                stream.onError(Status.FAILED_PRECONDITION.asRuntimeException());
                return;
            }
            begun = true;
            completions = stream;
            acknowledge(request.getAcknowledged());
            CompletionsResponse.Builder first = CompletionsResponse.newBuilder()
                    .setHosts(SessionHosts.newBuilder().addHosts(HOST))
                    .setCredit(credit())
                    .addAllCompletions(unacknowledged.values());
            ungranted.forEach((attempt, task) -> first.addGrantRequests(grantRequest(attempt, task)));
            stream.onNext(first.build());
            tellWanted();
            endIfDone();
        }
    }

    @Override
    public StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> response) {
        return new Submission(response);
    }

    void dies() {
        dead = true;
        forgetStreams();
    }

    private void forgetStreams() {
        completions = null;
        submission = null;
    }

    /** Breaks one of its two streams; false if they are not both there, and nothing has been done. */
    boolean breakStreams(Status status, boolean ofCompletions) {
        if (completions == null || submission == null) {
            return false;
        }
        if (ofCompletions) {
            completions.onError(status.asRuntimeException());
        } else {
            submission.response.onError(status.asRuntimeException());
        }
        forgetStreams(); // the client is to give up the other one
        return true;
    }

    private final class Submission implements StreamObserver<SubmitRequest> {
        private final StreamObserver<SubmitResponse> response;
        private boolean pendingComplete;
        private final Map<Long, PendingTask> particulars = new HashMap<>();

        Submission(StreamObserver<SubmitResponse> response) {
            this.response = response;
        }

        @Override
        public void onNext(SubmitRequest request) {
            synchronized (home) {
                if (dead) {
                    return;
                }
                if (request.getEpoch() == epoch) {
                    begun = true;
                    submission = this;
                } else if (request.getEpoch() != 0) {
                    response.onError(Status.FAILED_PRECONDITION.asRuntimeException());
                }
                if (submission == this) {
                    apply(request);
                }
            }
        }

        private void apply(SubmitRequest request) {
            acknowledge(request.getAcknowledged());
            request.getPendingTasksList().forEach(task -> particulars.put(task.getSequence(), task));
            for (SequenceInterval interval : request.getPendingList()) {
                for (long sequence = interval.getFirst(); sequence <= interval.getLast(); sequence++) {
                    pending(sequence);
                }
            }
            if (request.getPendingComplete()) {
                require(!pendingComplete, "pending is completed twice");
                pendingComplete = true;
                tellWanted();
            }
            boolean more = request.getTasksCount() + request.getCancelsCount() + request.getGrantedCount() > 0;
            require(pendingComplete || !more, "tasks, cancels or grants before what is pending");
            request.getTasksList().forEach(ServedSession.this::submitted);
            request.getCancelsList().forEach(ServedSession.this::cancelled);
            request.getGrantedList().forEach(ServedSession.this::granted);
            whenDone |= request.getWhenDone();
            if (request.hasEndNow()) {
                ended.addAll(known);
                wanted.clear();
                whenDone = true;
            }
            endIfDone();
        }

        @Override
        public void onError(Throwable broken) {
            synchronized (home) {
                if (submission == this) {
                    submission = null;
                }
            }
        }

        @Override
        public void onCompleted() {
            response.onNext(SubmitResponse.getDefaultInstance());
            response.onCompleted();
        }
    }

    // ------------------------------------------------------------------------------------------------ tasks

    /** What the host has is told, and what nobody has is wanted. */
    private void pending(long sequence) {
        if (known.contains(sequence)) {
            return;
        }
        Outcome held = home.held(sequence);
        if (held != null) {
            known.add(sequence);
            ended(sequence, held);
        } else if (home.isAtHost(sequence)) {
            known.add(sequence);
        } else {
            wanted.add(sequence);
        }
    }

    /** Once both streams are there; either may be the first. */
    private void tellWanted() {
        if (completions == null || submission == null || !submission.pendingComplete) {
            return;
        }
        CompletionsResponse.Builder response = CompletionsResponse.newBuilder();
        for (long sequence : wanted) {
            response.addWanted(SequenceInterval.newBuilder().setFirst(sequence).setLast(sequence));
        }
        tell(response);
    }

    private void submitted(Task task) {
        long sequence = task.getSequence();
        wanted.remove(sequence);
        if (!known.add(sequence)) {
            return;
        }
        require(!whenDone, "task " + sequence + " after the last one");
        counted.add(sequence);
        submitted++;
        require(submitted <= credit().getTasks(), submitted + " tasks with a credit of " + credit());
        if (task.getAttemptsAfterHostLoss() == 1) {
            ungranted.put(++lastAttempt, task);
            tell(CompletionsResponse.newBuilder().addGrantRequests(grantRequest(lastAttempt, task)));
        } else {
            home.run(task);
        }
    }

    private static GrantRequest grantRequest(long attempt, Task task) {
        return GrantRequest.newBuilder()
                .setSequence(task.getSequence())
                .setAttempt(attempt)
                .setHost(HOST)
                .setIncarnation(7)
                .build();
    }

    private void granted(long attempt) {
        Task task = ungranted.remove(attempt);
        if (task != null) {
            home.grantsGiven++;
            home.run(task);
        }
    }

    private void cancelled(Cancel cancel) {
        home.cancels.add(cancel);
        long sequence = cancel.getSequence();
        if (wanted.remove(sequence) || known.contains(sequence)) {
            known.add(sequence);
            ungranted.values().removeIf(task -> task.getSequence() == sequence);
            ended(
                    sequence,
                    Outcome.newBuilder()
                            .setCancelled(Cancelled.getDefaultInstance())
                            .build());
        }
    }

    /** The host says so, perhaps of a task that this coordinator has not heard of. */
    void ended(long sequence, Outcome outcome) {
        if (!known.contains(sequence)) {
            if (!wanted.remove(sequence)) {
                return; // the client will say that it is pending
            }
            known.add(sequence);
        }
        if (!ended.add(sequence)) {
            return;
        }
        if (counted.contains(sequence)) {
            countedEnded++;
        }
        Completion completion = Completion.newBuilder()
                .setNumber(++lastNumber)
                .setSequence(sequence)
                .setOutcome(outcome)
                .setAttempts(1)
                .build();
        unacknowledged.put(lastNumber, completion);
        tell(CompletionsResponse.newBuilder().addCompletions(completion).setCredit(credit()));
        endIfDone();
    }

    private void acknowledge(long upTo) {
        require(upTo <= lastNumber, "completion " + upTo + " is acknowledged, and " + lastNumber + " were sent");
        var arrived = unacknowledged.headMap(upTo, true);
        arrived.values().forEach(completion -> home.acknowledged(completion.getSequence()));
        arrived.clear();
    }

    private Credit credit() {
        return Credit.newBuilder()
                .setTasks(countedEnded + RestartingCoordinator.CREDIT)
                .setPayloadBytes(1L << 40)
                .build();
    }

    private void endIfDone() {
        if (whenDone && wanted.isEmpty() && ended.containsAll(known) && completions != null) {
            StreamObserver<CompletionsResponse> last = completions;
            completions = null;
            last.onCompleted();
        }
    }

    private void tell(CompletionsResponse.Builder response) {
        if (completions != null) {
            completions.onNext(response.build());
        }
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            home.violations.add(otherwise);
        }
    }
}

package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.BrokenExecutorException;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.Startup;
import io.farpool.proto.v1.Task;
import io.farpool.session.VirtualSession;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A client: the real core of a session, and around it what opens it, again and again, on virtual time. */
final class SimulatedClient extends Machine implements VirtualSession.Effects {
    private static final long OPEN_MILLIS = 10_000;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    private static final long SETTLED_MILLIS = 1_000;

    final int index;
    final int maxWorkers;
    final List<PlannedTask> tasks = new ArrayList<>();
    final String sessionId;
    private final Simulation simulation;
    private final ByteString secret = ByteString.copyFromUtf8("sixteen bytes of secret");
    private final int maxTasksPerProcess;
    private final boolean allAtOnce;
    private final VirtualSession session;
    /** How many of its payloads are large. */
    final double largeShare;

    final @Nullable ByteString initializer;
    private final SimulatedDispatches dispatches;
    /** Its disk: what has a name, with its bytes once they are there. */
    private final Map<Path, ByteString> files = new LinkedHashMap<>();

    private int filesNamed;
    private final int decodeMillis;
    private final int[] pages;

    private long epoch;
    private long openedMillis;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private int tries;
    private boolean known;
    /** It has streams, as far as it knows. */
    boolean connected;

    long connectedSinceMillis;
    private @Nullable Call<?, ?> completions;
    boolean endedByUser;
    boolean broken;
    boolean ended;
    boolean died;
    private int submitted;

    SimulatedClient(Simulation simulation, int index) {
        super(simulation.world, "client-" + index);
        this.simulation = simulation;
        this.index = index;
        sessionId = String.format("%032x", index);
        maxWorkers = world.chance(0.5) ? 0 : 1 + world.below(5);
        maxTasksPerProcess = world.chance(0.2) ? 1 + world.below(5) : 0;
        allAtOnce = world.chance(0.3);
        largeShare = simulation.large ? world.payloads.nextInt(4) * 0.3 : 0;
        initializer = simulation.large && world.payloads.nextInt(4) == 0
                ? LargeBytes.padded("initializer " + index, 500)
                : null;
        decodeMillis = world.payloads.nextInt(3) == 0 ? 300 : 1;
        long mostHeldBytes = world.payloads.nextInt(3) == 0 ? 1_500 : 1 << 20;
        dispatches = new SimulatedDispatches(simulation, this);
        int count = 1 + world.below(world.chance(0.15) ? 200 : 50);
        int usualMillis = world.chance(0.5) ? 3 : 200;
        for (int i = 0; i < count; i++) {
            tasks.add(new PlannedTask(this, i, world, usualMillis));
        }
        pages = new int[1 + world.below(6)];
        session = new VirtualSession(sessionId, mostHeldBytes, this);
    }

    /** Plans its life. */
    void begin(long lastSubmitMillis) {
        later(world.below(500), () -> open(null, 0));
        for (int i = 0; i < pages.length; i++) {
            later(world.below(world.chance(0.5) ? 200 : (int) lastSubmitMillis), this::submitSome);
        }
        later(lastSubmitMillis, this::submitRest);
        int cancels = world.chance(0.5) ? world.below(1 + tasks.size() / 4) : 0;
        for (int i = 0; i < cancels; i++) {
            int task = world.below(tasks.size());
            boolean hard = world.chance(0.6);
            later(world.below((int) lastSubmitMillis), () -> cancel(task, hard));
        }
        if (world.chance(0.04)) {
            boolean kill = world.chance(0.5);
            later(world.below((int) lastSubmitMillis), () -> endNow(kill));
        }
    }

    /** Where it has been told things for so long without a break; null: nowhere. */
    @Nullable
    Call<?, ?> steadyStream(long millis) {
        Call<?, ?> stream = completions;
        return connected && stream != null && stream.hasBeenUp(millis) ? stream : null;
    }

    /** The newest stream by which it is told things. */
    void completions(Call<?, ?> newest) {
        completions = newest;
    }

    boolean isOver() {
        return died || ended;
    }

    // ------------------------------------------------------------------------------------------------ its user

    private void submitSome() {
        submit(Math.min(tasks.size() - submitted, 1 + world.below(1 + 2 * tasks.size() / pages.length)));
    }

    private void submitRest() {
        submit(tasks.size() - submitted);
        if (world.chance(0.5)) {
            close();
        } else {
            closeWhenIdle();
        }
    }

    private void submit(int count) {
        if (count <= 0 || endedByUser || ended) {
            return;
        }
        List<Task> together = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PlannedTask task = tasks.get(submitted++);
            task.submitted = true;
            together.add(task.message());
        }
        world.note(name, "submits " + count + " tasks", null);
        session.submit(together);
    }

    private void cancel(int task, boolean hard) {
        PlannedTask planned = tasks.get(task);
        if (planned.submitted && !planned.finished && !planned.cancelled) {
            planned.cancelled = true;
            world.note(name, "cancels " + task + (hard ? " even if it runs" : ""), null);
            session.cancel(task, hard);
        }
    }

    private void endNow(boolean kill) {
        if (!endedByUser) {
            world.note(name, "ends now", null);
            endedByUser = true;
            session.endNow(kill, new BrokenExecutorException("ended by its user"));
        }
    }

    private void closeWhenIdle() {
        if (tasks.stream().allMatch(task -> task.finished || task.cancelled || !task.submitted)) {
            close();
        } else {
            later(100, this::closeWhenIdle);
        }
    }

    private void close() {
        if (!endedByUser) {
            endedByUser = true;
            world.note(name, "closes", null);
            session.closeWhenDone();
        }
    }

    // ------------------------------------------------------------------------------------------------ opening

    /** @param knownHosts null: it has never been open */
    private void open(@Nullable List<String> knownHosts, long completionsArrived) {
        if (ended) {
            return;
        }
        int attempt = ++tries;
        OpenRequest request = OpenRequest.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setSessionId(sessionId)
                .setSessionSecret(secret)
                .setProcess(spec())
                .setMaxWorkers(maxWorkers)
                .setOpening(attempt)
                .setResuming(knownHosts != null)
                .addAllKnownHosts(knownHosts == null ? List.of() : knownHosts)
                .build();
        Call<OpenRequest, OpenResponse> call =
                new Call<>(simulation.network, this, "open", new StreamObserver<OpenResponse>() {
                    @Override
                    public void onNext(OpenResponse response) {
                        if (attempt == tries) {
                            tries++;
                            opened(response, attempt, completionsArrived);
                        }
                    }

                    @Override
                    public void onError(Throwable error) {
                        notOpened(attempt, Status.fromThrowable(error), knownHosts, completionsArrived);
                    }

                    @Override
                    public void onCompleted() {}
                });
        StreamObserver<OpenRequest> ignored = call.start(observer -> {
            simulation.coordinator.endpoints.pool().open(request, observer);
            return new Unheard<>();
        });
        later(OPEN_MILLIS, () -> notOpened(attempt, Status.DEADLINE_EXCEEDED, knownHosts, completionsArrived));
    }

    private ProcessSpec spec() {
        ProcessSpec.Builder spec = ProcessSpec.newBuilder()
                .setMainClass("Main")
                .setMaxTasksPerProcess(maxTasksPerProcess)
                .setStartup(allAtOnce ? Startup.ALL_AT_ONCE : Startup.ON_DEMAND);
        if (initializer != null) {
            spec.setInitializer(LargeBytes.at("", initializer));
        }
        return spec.build();
    }

    private void notOpened(int attempt, Status status, @Nullable List<String> knownHosts, long completionsArrived) {
        if (attempt == tries) {
            tries++;
            if (VirtualSession.isFinal(status)) {
                simulation.rules.broken(name + " could not open: " + status);
            }
            pause(() -> open(knownHosts, completionsArrived));
        }
    }

    private void pause(Runnable then) {
        long pause = pauseMillis - world.below((int) (pauseMillis / 2));
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
        later(pause, then);
    }

    private void opened(OpenResponse response, int opening, long completionsArrived) {
        OpenResponse answer = response;
        if (response.getKnown() && response.getEpoch() != epoch) {
            answer = response.toBuilder().setKnown(false).build();
        }
        if (!answer.getKnown() && known) {
            for (PlannedTask task : tasks) {
                task.forgotten += task.submitted && !task.finished ? 1 : 0;
                task.takenEpoch = 0; // that was another session
            }
        }
        known = true;
        epoch = answer.getEpoch();
        openedMillis = world.nowMillis;
        connected = true;
        connectedSinceMillis = world.nowMillis;
        session.opened(
                new SimulatedConnection(simulation, this),
                secret,
                answer,
                opening,
                answer.getKnown() ? completionsArrived : 0);
    }

    // ------------------------------------------------------------------------------------------------ its core

    @Override
    public void finished(
            int task,
            @Nullable Completion completion,
            @Nullable RuntimeException reason,
            boolean received,
            Runnable decoded) {
        boolean isHere = received && completion != null && has(Rules.payloadOf(completion.getOutcome()));
        simulation.rules.finished(tasks.get(task), completion, reason, isHere);
        later(world.payloads.nextInt(decodeMillis), decoded);
    }

    @Override
    public void reopen(String why, List<String> knownHosts, long completionsArrived, int pending) {
        connected = false;
        world.note(name, "lost its streams, " + pending + " pending", why);
        if (world.nowMillis - openedMillis >= SETTLED_MILLIS) {
            pauseMillis = FIRST_PAUSE_MILLIS;
        }
        pause(() -> open(knownHosts, completionsArrived));
    }

    @Override
    public void broken(RuntimeException reason) {
        broken = true;
        simulation.rules.sessionBroken(this, reason);
    }

    @Override
    public void refused(Status status) {
        simulation.rules.broken(name + " had a stream refused: " + status);
    }

    @Override
    public void ended() {
        connected = false;
        ended = true;
        world.note(name, "has ended", null);
    }

    @Override
    public void withdraw(int task, boolean evenIfRunning) {
        if (world.chance(0.3)) {
            later(world.below(10), () -> session.withdrawn(task, evenIfRunning));
        } else {
            session.withdrawn(task, evenIfRunning);
        }
    }

    @Override
    public void arrives(Runnable turn) {
        turn.run();
    }

    // ------------------------------------------------------------------------------------------------ large payloads

    private boolean has(Payload payload) {
        return files.values().stream().anyMatch(bytes -> LargeBytes.areOf(payload.getReference(), bytes));
    }

    /** Keeps what a task is to be sent. */
    Path keep(ByteString bytes) {
        Path file = newFile();
        files.put(file, bytes);
        return file;
    }

    @Override
    public Path newFile() {
        Path file = Path.of("/" + name + "/" + ++filesNamed);
        files.put(file, ByteString.EMPTY);
        return file;
    }

    @Override
    public void discard(Path file) {
        if (files.remove(file) == null) {
            simulation.rules.broken(name + " discards twice: " + file);
        }
    }

    @Override
    public Runnable receive(
            ReceiveRequest request, PayloadReference expected, Path file, CompletableFuture<PayloadFile> result) {
        boolean full = !simulation.faultless && world.chance(0.003);
        SimulatedReceipt receipt = new SimulatedReceipt(simulation, this, request, expected, (bytes, failure) -> {
                    if (bytes == null) {
                        result.completeExceptionally(failure);
                    } else if (full) {
                        tasks.get((int) request.getSequence() - 1).unkept = true;
                        result.completeExceptionally(new IOException("the disk is full"));
                    } else {
                        files.put(file, bytes);
                        result.complete(new PayloadFile(file, expected.getSizeBytes(), expected.getCrc32C()));
                    }
                })
                .begun();
        return receipt::cancel;
    }

    @Override
    public void send(long transfer, Supplier<@Nullable Path> file) {
        dispatches.send(transfer, () -> {
            Path path = file.get();
            ByteString bytes = path == null ? null : files.get(path);
            if (path != null && bytes == null) {
                simulation.rules.broken(name + " is to send a file that is not there: " + path);
            }
            return bytes;
        });
    }

    @Override
    public void sendInitializer(long transfer) {
        dispatches.send(transfer, () -> initializer);
    }

    @Override
    public void after(long millis, Runnable step) {
        later(millis, step);
    }

    void checkTheEnd() {
        if (!died && !files.isEmpty()) {
            simulation.rules.broken("files are left on " + name + ": " + files.keySet());
        }
    }

    // ------------------------------------------------------------------------------------------------ its troubles

    @Override
    void goesOn(long gapMillis) {}

    void crash() {
        if (alive && !ended) {
            world.note(name, "dies", null);
            died = true;
            connected = false;
            simulation.network.callerDied(this, world.chance(0.6));
            die();
        }
    }

    @Override
    public String toString() {
        List<PlannedTask> open = tasks.stream()
                .filter(task -> task.submitted && !task.finished && !task.cancelled)
                .toList();
        return name + " max workers " + maxWorkers + (isStopped() ? " stopped" : "") + (connected ? " connected" : "")
                + (died ? " dead" : "") + (ended ? " ended" : "") + (endedByUser ? " closing" : "") + " submitted "
                + submitted + " of " + tasks.size() + " unfinished " + open;
    }
}

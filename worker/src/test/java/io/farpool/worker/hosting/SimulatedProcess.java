package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A process of the simulation: hears, runs and answers a step at a time, or dies. */
final class SimulatedProcess {
    final long id;
    final String sessionId;
    /** Said, and not arrived at the daemon. */
    final ArrayDeque<FromProcess> said = new ArrayDeque<>();

    long marker;
    boolean dead;
    int code;
    int withdrawals;

    private final Random random;
    /** Every task that any process has ever started. */
    private final Set<Long> begun;

    private final ArrayDeque<ToProcess> inbox = new ArrayDeque<>();
    private final ArrayDeque<RunInProcess> waiting = new ArrayDeque<>();

    private @Nullable RunInProcess running;
    private long endsAtMillis;
    private boolean hello;
    /** Its end has been decided: it does not count for its session any more. */
    private boolean ending;

    private boolean stopping;

    SimulatedProcess(long id, String sessionId, Random random, Set<Long> begun) {
        this.id = id;
        this.sessionId = sessionId;
        this.random = random;
        this.begun = begun;
    }

    boolean counts() {
        return !ending && !dead;
    }

    boolean canCrash() {
        return hello;
    }

    /** Dies; what it said last may never have left it. */
    void crash() {
        dead = true;
        code = random.nextBoolean() ? 137 : 1;
        while (!said.isEmpty() && random.nextBoolean()) {
            said.removeLast();
        }
    }

    void kill() {
        ending = true;
        if (!dead) {
            dead = true;
            code = 137;
        }
    }

    void send(ToProcess message) {
        ending |= message.getStop();
        if (!dead) {
            inbox.add(message);
        }
    }

    void step(long nowMillis, int taskMillis) {
        if (!hello) {
            hello = true;
            said.add(FromProcess.newBuilder()
                    .setHello(ProcessHello.newBuilder().setPid(1_000 + id))
                    .build());
            return;
        }
        ToProcess heard = inbox.poll();
        if (heard != null) {
            hear(heard, nowMillis);
        } else if (running != null) {
            if (nowMillis >= endsAtMillis) {
                end(running, taskMillis);
            }
        } else if (!waiting.isEmpty()) {
            begin(nowMillis, taskMillis);
        } else if (stopping) {
            dead = true;
        }
    }

    private void hear(ToProcess heard, long nowMillis) {
        if (heard.hasPrepare()) {
            said.add(FromProcess.newBuilder().setReady(true).build());
        }
        waiting.addAll(heard.getRunsList());
        for (long ordinal : heard.getWithdrawList()) {
            if (waiting.removeIf(run -> run.getOrdinal() == ordinal)) {
                withdrawals++;
                said.add(FromProcess.newBuilder().addWithdrawn(ordinal).build());
            }
        }
        if (running != null && heard.getInterrupt() == running.getOrdinal() && random.nextBoolean()) {
            endsAtMillis = nowMillis;
        }
        stopping |= heard.getStop();
    }

    private void begin(long nowMillis, int taskMillis) {
        RunInProcess next = waiting.remove();
        running = next;
        marker = next.getOrdinal();
        long usual = taskMillis == 0 ? 0 : random.nextInt(taskMillis);
        endsAtMillis = nowMillis + (random.nextInt(40) == 0 ? 5_000 : usual);
        assertThat(begun.add(next.getSequence()))
                .as("attempt %d is started once", next.getSequence())
                .isTrue();
    }

    private static Payload large(String path) {
        return Payload.newBuilder()
                .setReference(
                        PayloadReference.newBuilder().setSizeBytes(2 << 20).setPath(path))
                .build();
    }

    private void end(RunInProcess ran, int taskMillis) {
        boolean isLarge = random.nextInt(4) == 0;
        said.add(FromProcess.newBuilder()
                .addOutcomes(ProcessOutcome.newBuilder()
                        .setOrdinal(ran.getOrdinal())
                        .setRunNanos(taskMillis * 500_000L)
                        .setResult(isLarge ? large("/r" + ran.getSequence()) : Payload.getDefaultInstance()))
                .build());
        running = null;
    }
}

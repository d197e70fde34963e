package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.Task;
import java.util.LinkedHashSet;
import java.util.Set;

/** A task, what it does when it runs, and what has become of it: the book that none of the cores would have. */
final class PlannedTask {
    /** How its first starts end, before the others give a result. */
    enum Kind {
        RESULT,
        THROWS,
        DIES
    }

    final SimulatedClient client;
    final int index;
    final Kind kind;
    /** How many starts end so. */
    final int troubles;

    final boolean retryable;
    /** It never ends by itself; it has a time-out, or is cancelled. */
    final boolean endless;

    final boolean ignoresInterrupts;
    final int millis;
    final int timeoutMillis;
    private final int attemptsAfterHostLoss;
    private final int attemptsAfterFailure;
    private final int priority;
    private final int padding;
    /** Its payload is a reference. */
    final boolean largeArgument;
    /** Its result is, and what it throws. */
    final boolean largeOutcome;
    /** Each of its runs makes the same. */
    private final boolean sameOutcome;

    private final int largeBytes;
    /** What its runs have made. */
    private final Set<ByteString> made = new LinkedHashSet<>();

    int starts;
    int running;
    /** Its processes were killed by the simulation while it ran, or may have been. */
    boolean killed;

    boolean submitted;
    boolean cancelled;
    boolean finished;
    /** How often a coordinator that had never heard of it was told of it. */
    int forgotten;
    /** Its client's disk could not keep its outcome. */
    boolean unkept;
    /** The epoch of the coordinator that knows that its outcome was taken; 0: none. */
    long takenEpoch;

    PlannedTask(SimulatedClient client, int index, World world, int usualMillis) {
        this.client = client;
        this.index = index;
        int what = world.below(100);
        kind = what < 80 ? Kind.RESULT : what < 92 ? Kind.THROWS : Kind.DIES;
        troubles = world.chance(0.5) ? 1 : 1 + world.below(5);
        retryable = world.chance(0.7);
        endless = world.chance(0.02);
        ignoresInterrupts = world.chance(0.3);
        millis = world.chance(0.03) ? 500 + world.below(2_500) : world.below(usualMillis + 1);
        timeoutMillis = endless || world.chance(0.05) ? 50 + world.below(1_000) : 0;
        int attempts = world.below(8);
        attemptsAfterHostLoss = attempts < 4 ? attempts + 1 : attempts < 6 ? 0 : 1 + world.below(4);
        attemptsAfterFailure = attempts < 4 ? attempts + 1 : attempts < 6 ? 0 : 1 + world.below(4);
        priority = world.chance(0.2) ? world.below(3) - 1 : 0;
        padding = world.chance(0.1) ? world.below(2_000) : 0;
        largeArgument = world.payloads.nextDouble() < client.largeShare;
        largeOutcome = world.payloads.nextDouble() < client.largeShare;
        sameOutcome = world.payloads.nextBoolean();
        largeBytes = 1 + world.payloads.nextInt(1_000);
    }

    int afterHostLoss() {
        return attemptsAfterHostLoss == 0 ? 3 : attemptsAfterHostLoss;
    }

    int afterFailure() {
        return attemptsAfterFailure == 0 ? 1 : attemptsAfterFailure;
    }

    /** Starts over every cause. */
    int permitted() {
        return Math.max(afterHostLoss(), afterFailure());
    }

    /** Somebody waits for it. */
    boolean isWanted() {
        return submitted && !cancelled && !finished;
    }

    /** Somebody waits for it, and nobody runs it, or moves its bytes. */
    boolean waits() {
        return isWanted() && running == 0 && !largeArgument && !largeOutcome;
    }

    Task message() {
        return Task.newBuilder()
                .setPayload(
                        largeArgument
                                ? LargeBytes.at(client.keep(largeArgument()).toString(), largeArgument())
                                : Payload.newBuilder()
                                        .setInline(LargeBytes.padded(client.index + "/" + index, padding))
                                        .build())
                .setPriority(priority)
                .setTimeoutMillis(timeoutMillis)
                .setAttemptsAfterHostLoss(attemptsAfterHostLoss)
                .setAttemptsAfterFailure(attemptsAfterFailure)
                .build();
    }

    private ByteString largeArgument() {
        return LargeBytes.padded(client.index + "/" + index, largeBytes);
    }

    /** What this run of it makes. */
    ByteString makeLarge() {
        String which = sameOutcome ? "" : " of start " + starts;
        ByteString bytes = LargeBytes.padded("answer " + client.index + "/" + index + which, largeBytes);
        made.add(bytes);
        return bytes;
    }

    boolean hasMade(PayloadReference reference) {
        return reference.getPath().isEmpty() && made.stream().anyMatch(bytes -> LargeBytes.areOf(reference, bytes));
    }

    Payload answer() {
        return Payload.newBuilder()
                .setInline(ByteString.copyFromUtf8("answer " + client.index + "/" + index))
                .build();
    }

    @Override
    public String toString() {
        return client.name + "/" + index + " (" + kind + " " + troubles + "x" + (retryable ? " retryable" : "")
                + (endless ? " endless" : "") + ", " + millis + " ms, time-out " + timeoutMillis + ", attempts "
                + attemptsAfterHostLoss + " and " + attemptsAfterFailure + ", starts " + starts + ", running " + running
                + (cancelled ? ", cancelled" : "") + (finished ? ", finished" : "")
                + (largeArgument ? ", large argument" : "") + (largeOutcome ? ", large outcome" : "") + ", forgotten "
                + forgotten + ")";
    }
}

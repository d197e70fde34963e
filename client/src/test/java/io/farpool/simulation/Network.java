package io.farpool.simulation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** The calls there are, how long their messages take, and how they break. */
final class Network {
    /** After so long a connection that nothing comes over is taken for broken. */
    private static final long KEEP_ALIVE_MILLIS = 10_000;

    final World world;
    final SimulatedCoordinator coordinator;
    final Set<Call<?, ?>> calls = new LinkedHashSet<>();
    /** Is shown what the coordinator sends. */
    private final BiConsumer<Call<?, ?>, Object> said;

    private final int delayMillis;
    private final double hiccups;
    /** How likely the call of a transfer is to break. */
    double transfersBreak;

    Network(World world, SimulatedCoordinator coordinator, BiConsumer<Call<?, ?>, Object> said) {
        this.said = said;
        this.world = world;
        this.coordinator = coordinator;
        delayMillis = new int[] {1, 2, 2, 5, 20}[world.below(5)];
        hiccups = world.chance(0.5) ? 0.02 : 0;
    }

    /** When a message that is sent now is there, either way. */
    long arrivalMillis(Machine caller) {
        long delay = world.below(delayMillis + 1);
        if (hiccups > 0 && world.chance(hiccups)) {
            delay += world.below(150);
        }
        return Math.max(caller.stalledUntilMillis, coordinator.stalledUntilMillis) > world.nowMillis
                ? Math.max(caller.stalledUntilMillis, coordinator.stalledUntilMillis) + delay
                : world.nowMillis + delay;
    }

    void said(Call<?, ?> call, Object message) {
        said.accept(call, message);
    }

    private List<Call<?, ?>> those(Predicate<Call<?, ?>> which) {
        calls.removeIf(Call::isOver);
        List<Call<?, ?>> those = new ArrayList<>();
        for (Call<?, ?> call : calls) {
            if (which.test(call)) {
                those.add(call);
            }
        }
        return those;
    }

    /** The caller's process is gone: the server hears of it soon, or, if its machine died, by its keep-alive. */
    void callerDied(Machine caller, boolean serverHears) {
        long hears = serverHears ? world.below(20) : KEEP_ALIVE_MILLIS;
        those(call -> call.caller() == caller).forEach(call -> call.breakDown(-1, hears));
    }

    /** The coordinator is gone. */
    void serverDied() {
        long hears = world.chance(0.8) ? 20 : 3_000;
        those(call -> true).forEach(call -> call.breakDown(world.below((int) hears), -1));
    }

    /** A machine's connection breaks, with all its calls. Either end may take long to notice. */
    void breakConnection(Machine caller) {
        long callerHears = world.chance(0.8) ? world.below(30) : world.below(8_000);
        long serverHears = world.chance(0.8) ? world.below(30) : world.below(8_000);
        those(call -> call.caller() == caller).forEach(call -> call.breakDown(callerHears, serverHears));
    }

    /** Also when all goes well else, a transfer's call may break. */
    void mayBreak(Call<?, ?> call) {
        if (transfersBreak > 0 && !world.calm && world.chance(transfersBreak)) {
            world.after(world.below(40), () -> call.breakDown(world.below(30), world.below(30)));
        }
    }

    /** One call breaks. */
    void breakOne(Machine caller) {
        List<Call<?, ?>> own = those(call -> call.caller() == caller);
        if (!own.isEmpty()) {
            own.get(world.below(own.size())).breakDown(world.below(30), world.below(world.chance(0.8) ? 30 : 3_000));
        }
    }
}

package io.farpool.deploy.chaos;

import io.farpool.deploy.chaos.Machine.Role;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can go wrong on a machine. Each mends what it has broken, after a while or when calm comes. */
enum Fault {
    /** kill -9 of a worker process. */
    KILL_CHILD(Role.WORKER) {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) {
            return machine.killChild(random);
        }
    },
    /** kill -9 of a daemon, which is started again soon, or once it has been given up. */
    KILL_DAEMON(Role.WORKER) {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            machine.kill();
            calm.await(between(random, 0, 12_000));
            startAgain(machine, calm);
            return true;
        }
    },
    /** SIGSTOP and SIGCONT of a daemon, sometimes later than its lease. */
    STOP_DAEMON(Role.WORKER) {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            stopAndContinue(machine, calm, between(random, 200, 14_000));
            return true;
        }
    },
    /** kill -9 of the coordinator, which is started again at the same address. */
    KILL_COORDINATOR(Role.COORDINATOR) {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            machine.kill();
            calm.await(between(random, 0, 5_000));
            startAgain(machine, calm);
            return true;
        }
    },
    STOP_COORDINATOR(Role.COORDINATOR) {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            stopAndContinue(machine, calm, between(random, 200, 12_000));
            return true;
        }
    },
    /** Every packet from a machine and to it is lost, and nobody is told. */
    PARTITION {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            drop(machine, calm, 100, 100, between(random, 500, 14_000));
            return true;
        }
    },
    /** A machine is heard and hears nothing. */
    DEAF {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            drop(machine, calm, 0, 100, between(random, 500, 14_000));
            return true;
        }
    },
    /** A cable is pulled. */
    LINK_DOWN {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            machine.network.unplug(machine.name);
            calm.await(between(random, 500, 14_000));
            machine.network.plugIn(machine.name);
            return true;
        }
    },
    /** Five packets of a hundred are lost, each way. */
    PACKET_LOSS {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            drop(machine, calm, 5, 5, between(random, 2_000, 10_000));
            return true;
        }
    },
    SLOW_LINK {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            machine.network.slow(machine.name, between(random, 500, 4_000));
            calm.await(between(random, 2_000, 10_000));
            machine.network.fast(machine.name);
            return true;
        }
    },
    /** A daemon is killed, and comes back with a disk on which no blob finds room; later with one that has. */
    FULL_DISK(Role.WORKER) {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            machine.kill();
            machine.startWithFullDisk();
            machine.awaitUp(calm);
            calm.await(between(random, 1_000, 6_000));
            machine.kill();
            startAgain(machine, calm);
            return true;
        }
    },
    /** The wall clock goes days ahead or back, and later right again. */
    CLOCK_STEP {
        @Override
        boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException {
            machine.stepClock(between(random, -200_000, 200_000));
            calm.await(between(random, 1_000, 5_000));
            machine.stepClock(0);
            return machine.hasClockOfItsOwn();
        }
    };

    /** What is borne: nobody is given up, so nothing is lost and nothing runs twice. */
    static final Set<Fault> HARMLESS = EnumSet.of(PACKET_LOSS, SLOW_LINK, CLOCK_STEP);
    /** Those for which packets must be dropped one by one. */
    private static final Set<Fault> BY_PACKET = EnumSet.of(PARTITION, DEAF, PACKET_LOSS);

    /** Where it strikes; null: everywhere. */
    private final @Nullable Role role;

    Fault() {
        this.role = null;
    }

    Fault(Role role) {
        this.role = role;
    }

    /**
     * Strikes once, and mends.
     *
     * @return whether there was anything to strike
     */
    abstract boolean strike(Machine machine, Random random, Calm calm) throws IOException, InterruptedException;

    boolean canStrike(Machine machine) {
        return role == null || role == machine.role;
    }

    /** What it needs and is not here; empty: it can strike. */
    Optional<String> missing() {
        if (BY_PACKET.contains(this) && !Network.canDropPackets()) {
            return Optional.of("there is no nft command");
        }
        return this == CLOCK_STEP && !WallClocks.canBeStepped()
                ? Optional.of("there is no C compiler")
                : Optional.empty();
    }

    /** It is up, and has had its part, before anything else strikes here: a busy machine takes seconds to start a JVM. */
    private static void startAgain(Machine machine, Calm calm) throws IOException, InterruptedException {
        machine.start();
        machine.awaitUp(calm);
    }

    private static void stopAndContinue(Machine machine, Calm calm, int millis)
            throws IOException, InterruptedException {
        machine.process().signal("STOP");
        try {
            calm.await(millis);
        } finally {
            machine.process().signal("CONT");
        }
    }

    private static void drop(Machine machine, Calm calm, int fromPercent, int toPercent, int millis)
            throws IOException, InterruptedException {
        machine.network.drop(machine.name, fromPercent, toPercent);
        calm.await(millis);
        machine.network.dropNothing(machine.name);
    }

    private static int between(Random random, int least, int most) {
        return least + random.nextInt(most - least + 1);
    }
}

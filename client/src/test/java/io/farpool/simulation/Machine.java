package io.farpool.simulation;

import java.util.ArrayDeque;

/** Whatever stands at one end of calls. It can be stopped for a while, be cut off for a while, and die. */
abstract class Machine {
    final World world;
    final String name;
    /** Counts its lives: what was meant for an earlier one is nothing to the next. */
    int lives = 1;

    boolean alive = true;
    private boolean stopped;
    private long stoppedAtMillis;
    /** Until then nothing gets through, either way; later it does. */
    long stalledUntilMillis;

    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    Machine(World world, String name) {
        this.world = world;
        this.name = name;
    }

    boolean isStopped() {
        return stopped;
    }

    boolean isTroubled() {
        return !alive || stopped || world.nowMillis < stalledUntilMillis;
    }

    /** Something happens to it, now or as soon as it runs again. */
    void deliver(Runnable event) {
        if (!alive) {
            return;
        }
        if (stopped) {
            waiting.add(event);
        } else {
            event.run();
        }
    }

    void later(long millis, Runnable event) {
        int life = lives;
        world.after(millis, () -> {
            if (life == lives) {
                deliver(event);
            }
        });
    }

    /** As by SIGSTOP. */
    void stop(long millis) {
        if (!alive || stopped) {
            return;
        }
        world.note(name, "stopped for " + millis + " ms", null);
        stopped = true;
        stoppedAtMillis = world.nowMillis;
        int life = lives;
        world.after(millis, () -> {
            if (life == lives) {
                goOn();
            }
        });
    }

    private void goOn() {
        world.note(name, "goes on", null);
        stopped = false;
        goesOn(world.nowMillis - stoppedAtMillis);
        while (!stopped && alive && !waiting.isEmpty()) {
            waiting.remove().run();
        }
    }

    /** It was stopped for so long. */
    abstract void goesOn(long gapMillis);

    void die() {
        lives++;
        alive = false;
        stopped = false;
        waiting.clear();
    }
}

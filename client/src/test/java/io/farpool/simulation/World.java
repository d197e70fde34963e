package io.farpool.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Virtual time, chance, and a record of what happened last. */
final class World {
    private static final int REMEMBERED = 200;

    private record Due(long atMillis, long order, Runnable event) {}

    /** Only written out when a run has failed. */
    private record Note(long atMillis, String who, String what, @Nullable Object detail) {}

    final SplittableRandom random;
    /** Decides what payloads are large, so that a run without any is as it was before there were any. */
    final SplittableRandom payloads;

    long nowMillis;
    /** From here on nothing goes wrong any more. */
    boolean calm;

    long calmSinceMillis;
    long events;
    /** Of everything that happened, in order: the same seed gives the same. */
    long course = 1;

    private final PriorityQueue<Due> agenda =
            new PriorityQueue<>(Comparator.comparingLong(Due::atMillis).thenComparingLong(Due::order));
    private long orders;
    private final Note[] notes = new Note[REMEMBERED];
    private long noted;

    World(long seed) {
        random = new SplittableRandom(seed);
        payloads = new SplittableRandom(~seed);
    }

    void at(long atMillis, Runnable event) {
        agenda.add(new Due(atMillis, orders++, event));
    }

    void after(long millis, Runnable event) {
        at(nowMillis + millis, event);
    }

    void runNext() {
        Due due = agenda.remove();
        nowMillis = due.atMillis();
        events++;
        due.event().run();
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    void note(String who, String what, @Nullable Object detail) {
        notes[(int) (noted++ % REMEMBERED)] = new Note(nowMillis, who, what, detail);
        course = course * 31 + nowMillis;
        course = course * 31 + who.hashCode();
        course = course * 31 + what.hashCode();
    }

    /** What happened last, the newest at the end. */
    String story() {
        List<String> lines = new ArrayList<>();
        for (long i = Math.max(0, noted - REMEMBERED); i < noted; i++) {
            Note note = notes[(int) (i % REMEMBERED)];
            String detail = note.detail() == null
                    ? ""
                    : " " + note.detail().toString().strip().replaceAll("\\s+", " ");
            lines.add(note.atMillis() + " " + note.who() + " " + note.what()
                    + (detail.length() > 600 ? detail.substring(0, 600) + "…" : detail));
        }
        return String.join("\n", lines);
    }
}

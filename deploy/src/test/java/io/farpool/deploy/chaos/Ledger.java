package io.farpool.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.deploy.program.CheckedTasks.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the client has written of its futures beside what the tasks have written of their starts. */
final class Ledger {
    /** How a future completed: {@code right}, {@code wrong …}, {@code process-lost ATTEMPTS …} or {@code host-lost ATTEMPTS …}. */
    private record Outcome(int number, Kind kind, String what) {
        boolean is(String word) {
            return what.equals(word) || what.startsWith(word + " ");
        }

        int attempts() {
            return Integer.parseInt(what.split(" ", 3)[1]);
        }

        @Override
        public String toString() {
            return "task " + number + " (" + kind + "): " + what;
        }
    }

    private static final int MOST_SHOWN = 20;

    private final List<Outcome> outcomes = new ArrayList<>();
    private final Map<Integer, Integer> starts = new TreeMap<>();

    /** Reads both, once nothing writes any more. */
    static Ledger read(Path directory) throws IOException {
        Ledger ledger = new Ledger();
        for (String line : Files.readAllLines(directory.resolve("outcomes"))) {
            String[] words = line.split(" ", 3);
            ledger.outcomes.add(new Outcome(Integer.parseInt(words[0]), Kind.valueOf(words[1]), words[2]));
        }
        try (Stream<Path> files = Files.list(directory.resolve("executions"))) {
            for (Path file : files.toList()) {
                for (String number : Files.readAllLines(file)) {
                    ledger.starts.merge(Integer.parseInt(number), 1, Integer::sum);
                }
            }
        }
        return ledger;
    }

    /** That every task completed once, as it may. */
    void check(int tasks) {
        List<String> wrongs = new ArrayList<>();
        BitSet completed = new BitSet();
        for (Outcome outcome : outcomes) {
            if (completed.get(outcome.number)) {
                wrongs.add(outcome + ", after it had completed before");
            }
            completed.set(outcome.number);
            if (!isAllowed(outcome)) {
                wrongs.add(outcome + ", started " + startsOf(outcome) + " times");
            }
        }
        assertThat(wrongs.stream().limit(MOST_SHOWN))
                .as("what should not be, the first of " + wrongs.size())
                .isEmpty();
        assertThat(completed.cardinality()).as("tasks completed").isGreaterThanOrEqualTo(tasks);
        assertThat(completed.length()).as("none is left out").isEqualTo(completed.cardinality());
    }

    private boolean isAllowed(Outcome outcome) {
        int started = startsOf(outcome);
        if (started > outcome.kind.attempts) {
            return false;
        }
        if (outcome.is("right")) {
            return started >= 1;
        }
        // One start is all that a task gets whose process dies under it, unless it asked for more.
        return (outcome.is("process-lost") && outcome.kind != Kind.STUBBORN)
                || ((outcome.is("process-lost") || outcome.is("host-lost"))
                        && outcome.attempts() == outcome.kind.attempts);
    }

    private int startsOf(Outcome outcome) {
        return starts.getOrDefault(outcome.number, 0);
    }

    /** That nothing was lost and nothing ran twice. */
    void checkNothingWasLost() {
        assertThat(outcomes.stream()
                        .filter(outcome -> !outcome.is("right") || startsOf(outcome) != 1)
                        .limit(MOST_SHOWN))
                .as("faults that nobody should notice")
                .isEmpty();
    }

    long processesLost() {
        return outcomes.stream().filter(outcome -> outcome.is("process-lost")).count();
    }

    @Override
    public String toString() {
        Map<Kind, Map<String, Integer>> counts = new EnumMap<>(Kind.class);
        int again = 0;
        int lostUnstarted = 0;
        for (Outcome outcome : outcomes) {
            counts.computeIfAbsent(outcome.kind, kind -> new TreeMap<>())
                    .merge(outcome.what.split(" ", 2)[0], 1, Integer::sum);
            again += Math.max(0, startsOf(outcome) - 1);
            lostUnstarted += !outcome.is("right") && startsOf(outcome) == 0 ? 1 : 0;
        }
        return outcomes.size() + " tasks " + counts + ", starts beyond the first " + again + ", lost without a start "
                + lostUnstarted;
    }
}

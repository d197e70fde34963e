package io.farpool.bench.driver;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * What the harness asks of a driver, and what a driver answers: a word and numbers, on one line: {@code throughput tasks=1000}. The
 * Python driver reads and writes the same.
 *
 * @param verb the workload; {@code =} for an answer
 * @param values by name, in order
 */
public record Request(String verb, Map<String, String> values) {
    /** What an answer begins with. Lines that begin otherwise are some library's. */
    public static final String ANSWER = "=";
    /** What a driver's message of failure begins with. */
    public static final String FAILURE = "!";

    /** Reads a line. */
    public static Request parse(String line) {
        Map<String, String> values = new LinkedHashMap<>();
        String verb = "";
        for (String word : line.strip().split(" ", -1)) {
            int equals = word.indexOf('=');
            if (verb.isEmpty()) {
                verb = word;
            } else if (equals > 0) {
                values.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return new Request(verb, values);
    }

    /** The line. */
    public String line() {
        StringJoiner line = new StringJoiner(" ");
        line.add(verb);
        values.forEach((name, value) -> line.add(name + "=" + value));
        return line.toString();
    }

    /** A value that is a whole number. */
    public int number(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("'" + line() + "' says no " + name);
        }
        return Integer.parseInt(value);
    }

    /** A list of whole numbers, separated by commas. */
    public long[] numbers(String name) {
        String[] texts = values.getOrDefault(name, "").split(",", -1);
        long[] numbers = new long[texts.length];
        for (int i = 0; i < texts.length; i++) {
            numbers[i] = Long.parseLong(texts[i]);
        }
        return numbers;
    }
}

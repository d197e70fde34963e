package io.farpool.bench.driver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Answers the harness's requests, one at a time, until standard input ends. */
final class Conversation {
    private Conversation() {}

    /** Carries out a request. */
    interface Handler {
        Map<String, Double> handle(Request request) throws Exception;
    }

    static void hold(Handler handler) throws IOException {
        PrintStream out = System.out;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        out.println(Request.ANSWER);
        String line = in.readLine();
        while (line != null) {
            out.println(answer(handler, line));
            out.flush();
            line = in.readLine();
        }
    }

    private static String answer(Handler handler, String line) {
        try {
            Map<String, String> values = new LinkedHashMap<>();
            handler.handle(Request.parse(line))
                    .forEach((name, value) -> values.put(name, String.format(Locale.ROOT, "%.6f", value)));
            return new Request(Request.ANSWER, values).line();
        } catch (Exception | LinkageError | OutOfMemoryError failure) {
            Throwable cause = failure;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return Request.FAILURE + " " + String.valueOf(cause).replaceAll("\\s+", " ");
        }
    }
}

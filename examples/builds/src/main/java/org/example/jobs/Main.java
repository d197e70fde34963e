package org.example.jobs;

import io.farpool.PoolExecutor;
import io.farpool.ProcessPoolExecutor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import picocli.CommandLine;

/**
 * Runs tasks that need the program's classes, its resources, a service and a library, on this machine and on the cluster whose
 * address is the argument, if there is one. Says in lines what came of each.
 */
public final class Main {
    /** Also a task's argument and result, which need not be Serializable. */
    record Point(int x, int y) {
        Point moved() {
            return new Point(y, x + 1);
        }
    }

    static final class OddException extends Exception {
        private static final long serialVersionUID = 1L;

        OddException(int number) {
            super(number + " is odd");
        }
    }

    private Main() {}

    public static void main(String[] args) {
        try (PoolExecutor pool = ProcessPoolExecutor.create(1)) {
            run("embedded", pool);
        }
        if (args.length > 0) {
            try (PoolExecutor pool = ProcessPoolExecutor.connect(args[0])) {
                run("cluster", pool);
            }
        }
    }

    private static void run(String where, PoolExecutor pool) {
        say(where, "lambda", pool.submit(() -> 6 * 7).result());
        say(where, "reference", pool.map(Main::half, List.of(2, 4, 6)).toList());
        say(where, "record", pool.submit(Point::moved, new Point(1, 2)).result());
        say(where, "resource", pool.submit(() -> resource("jobs.txt")).result());
        say(where, "service", pool.submit(Main::greetings).result());
        say(where, "library", pool.submit(() -> CommandLine.VERSION.isEmpty()).result());
        say(where, "failure", failure(pool));
        long here = ProcessHandle.current().pid();
        say(
                where,
                "elsewhere",
                pool.submit(() -> ProcessHandle.current().pid() != here).result());
    }

    private static String failure(PoolExecutor pool) {
        try {
            return "none, but " + pool.submit(Main::half, 3).result();
        } catch (CompletionException e) {
            return e.getCause() instanceof OddException odd ? odd.getMessage() : e.toString();
        }
    }

    private static void say(String where, String what, Object value) {
        System.out.println(where + " " + what + ": " + value);
    }

    static int half(int number) throws OddException {
        if (number % 2 != 0) {
            throw new OddException(number);
        }
        return number / 2;
    }

    static String greetings() {
        return ServiceLoader.load(Greeter.class).stream()
                .map(provider -> provider.get().greet())
                .collect(Collectors.joining(","));
    }

    static String resource(String name) throws IOException {
        try (InputStream in = Main.class.getResourceAsStream(name)) {
            return in == null ? "missing" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}

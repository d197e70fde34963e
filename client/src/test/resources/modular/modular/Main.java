package modular;

import io.farpool.ProcessPoolExecutor;
import io.farpool.RemoteCallable;
import io.farpool.RemoteFunction;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Ships what it has through a worker process and prints what becomes of it, a line each. */
final class Main {
    private Main() {}

    record Point(int x, int y) implements Serializable {}

    private static final class Job implements Serializable {
        private final String name;
        private final Point[] points;
        private transient int forgotten = 7;

        Job(String name, Point... points) {
            this.name = name;
            this.points = points;
        }

        Job named(String other) {
            return new Job(other, points);
        }

        @Override
        public String toString() {
            return name + Arrays.toString(points) + forgotten;
        }
    }

    enum Mode {
        SLOW,
        FAST {
            @Override
            int factor() {
                return 10;
            }
        };

        int factor() {
            return 1;
        }
    }

    private static final class Rejected extends Exception {
        private final int code;

        Rejected(int code) {
            super("rejected");
            this.code = code;
        }
    }

    private static final class Plain {
        private final int number;

        Plain(int number) {
            this.number = number;
        }
    }

    record PlainRecord(int number) {}

    static int twice(int number) {
        return 2 * number;
    }

    public static void main(String[] args) throws Exception {
        say("named", Main.class.getModule().isNamed());
        try (var pool = ProcessPoolExecutor.create(1)) {
            int captured = 2;
            say("lambda", pool.submit(() -> 40 + captured).result());
            say("there", pool.submit(() -> Main.class.getModule().isNamed()).result());
            say("reference", pool.submit(Main::twice, 21).result());
            say("record", pool.submit(point -> new Point(point.y(), point.x()), new Point(1, 2)).result());
            say("class", pool.submit(job -> job.named("b"), new Job("a", new Point(1, 2))).result());
            say("array", pool.submit(points -> points.clone(), new Point[] {new Point(3, 4)}).result()[0]);
            say("map", pool.submit(map -> Map.of("k", map.get("k")), Map.of("k", List.of(new Point(5, 6)))).result());
            say("enum", pool.submit(Mode::factor, Mode.FAST).result() + " " + pool.submit(() -> Mode.FAST).result());
            RemoteFunction<Integer, Integer> made = pool.submit(() -> (RemoteFunction<Integer, Integer>) n -> n + captured)
                    .result();
            say("lambda back", made.apply(40));
            Rejected rejected = (Rejected) pool.submit((RemoteCallable<Integer>) () -> {
                        throw new Rejected(9);
                    })
                    .exception();
            say("exception", rejected.getMessage() + " " + rejected.code);
            say("plain class", pool.submit(plain -> plain.number, new Plain(1)).exception().getMessage());
            say("plain record", pool.submit(PlainRecord::number, new PlainRecord(1)).exception().getMessage());
            say("plain back", pool.submit(() -> new Plain(1)).exception().getMessage());
            say("after", pool.map(Main::twice, List.of(1, 2, 3)).toList());
        }
    }

    private static void say(String what, Object value) {
        System.out.println(what + ": " + value);
    }
}

package io.farpool.deploy.program;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessContext;
import io.farpool.ProcessPoolExecutor;
import io.farpool.TaskContext;
import io.farpool.TaskOptions;
import io.farpool.WorkerLostException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks of several kinds with known answers, and writes how each future completed to {@code outcomes}: a line with the
 * task's number, its kind and what came of it. Each start of a task writes its number to a file in {@code executions}, of which
 * every worker process has one. Says once a second how far it is, and ends with status 3 when nothing completes any more.
 */
public final class CheckedTasks {
    /** What a task does, and how often it may be started. */
    public enum Kind {
        QUICK(3),
        /** Takes 1 to 50 ms of a CPU's time. */
        SPIN(3),
        /** May be lost, and never starts twice. */
        ONCE(1),
        /** Starts as often as it must. */
        STUBBORN(STUBBORN_ATTEMPTS),
        FAILING(3);

        /** Starts allowed when hosts are lost; of the kinds with 3 only one when a process dies. */
        public final int attempts;

        Kind(int attempts) {
            this.attempts = attempts;
        }
    }

    private static final int STUBBORN_ATTEMPTS = 30;
    private static final int MOST_PENDING = 2_000;
    private static final long LONGEST_SILENCE_MILLIS = 90_000;

    private static @Nullable OutputStream executions;

    private final ConcurrentSkipListMap<Integer, PoolFuture<Long>> pending = new ConcurrentSkipListMap<>();
    private final Semaphore window = new Semaphore(MOST_PENDING);
    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicLong lastCompletedNanos = new AtomicLong(System.nanoTime());
    private final AtomicLong longestSilenceNanos = new AtomicLong();
    private final Path directory;
    private final PrintWriter outcomes;
    private final long seed;
    private volatile int submitted;

    private CheckedTasks(Path directory, PrintWriter outcomes, long seed) {
        this.directory = directory;
        this.outcomes = outcomes;
        this.seed = seed;
    }

    /**
     * Runs them.
     *
     * @param args a directory that every host sees, the seed, how many tasks, and for how many seconds to go on after those
     */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        Files.createDirectories(directory.resolve("executions"));
        int tasks = Integer.parseInt(args[2]);
        long endNanos =
                System.nanoTime() + Duration.ofSeconds(Long.parseLong(args[3])).toNanos();
        try (PrintWriter outcomes = new PrintWriter(
                        Files.newBufferedWriter(directory.resolve("outcomes"), StandardCharsets.UTF_8), true);
                PoolExecutor pool = ProcessPoolExecutor.builder()
                        .name("chaos")
                        .processContext(ProcessContext.defaults().jvmOptions("-Xmx64m", "-XX:-UsePerfData"))
                        .build()) {
            CheckedTasks program = new CheckedTasks(directory, outcomes, Long.parseLong(args[1]));
            program.watch();
            for (int number = 0; number < tasks || System.nanoTime() < endNanos; number++) {
                program.submit(pool, number);
            }
            System.out.println("all submitted");
            program.window.acquire(MOST_PENDING);
            System.out.println("completed " + program.completed + " of " + program.submitted + ", longest silence ms "
                    + program.longestSilenceNanos.get() / 1_000_000);
        }
    }

    private void submit(PoolExecutor pool, int number) throws InterruptedException {
        window.acquire();
        SplittableRandom random = new SplittableRandom(seed ^ (number * 0x9E3779B97F4A7C15L));
        Kind kind = kind(random.nextInt(100));
        int spinMillis = kind == Kind.SPIN || random.nextInt(10) == 0 ? 1 + random.nextInt(50) : 0;
        int spin = kind == Kind.QUICK ? 0 : spinMillis;
        boolean failing = kind == Kind.FAILING;
        String where = directory.toString();
        PoolExecutor with =
                switch (kind) {
                    case ONCE -> pool.with(TaskOptions.defaults().attempts(1));
                    case STUBBORN -> pool.with(TaskOptions.defaults().attempts(STUBBORN_ATTEMPTS));
                    case QUICK, SPIN, FAILING -> pool;
                };
        PoolFuture<Long> future = with.submit(() -> run(where, number, spin, failing));
        pending.put(number, future);
        submitted = number + 1;
        future.addDoneCallback(done -> completed(number, kind, done));
    }

    private static Kind kind(int percent) {
        if (percent < 55) {
            return Kind.QUICK;
        } else if (percent < 70) {
            return Kind.SPIN;
        } else if (percent < 80) {
            return Kind.ONCE;
        }
        return percent < 95 ? Kind.STUBBORN : Kind.FAILING;
    }

    private void completed(int number, Kind kind, PoolFuture<Long> done) {
        synchronized (outcomes) {
            outcomes.println(number + " " + kind + " " + judge(number, kind, done));
        }
        pending.remove(number);
        completed.incrementAndGet();
        long now = System.nanoTime();
        longestSilenceNanos.accumulateAndGet(now - lastCompletedNanos.getAndSet(now), Math::max);
        window.release();
    }

    private static String judge(int number, Kind kind, PoolFuture<Long> done) {
        Throwable failure = done.exception();
        if (failure == null) {
            boolean right = kind != Kind.FAILING && done.result() == answer(number);
            return right ? "right" : "wrong " + done.result();
        }
        if (failure instanceof WorkerLostException lost) {
            boolean process = lost.exitCode().isPresent() || lost.signal().isPresent();
            return (process ? "process-lost " : "host-lost ") + lost.attempts() + " "
                    + lost.getMessage().lines().findFirst().orElse("");
        }
        boolean expected = kind == Kind.FAILING
                && failure instanceof IllegalStateException
                && ("no answer for " + number).equals(failure.getMessage());
        return expected ? "right" : "wrong " + failure;
    }

    // ------------------------------------------------------------------------------------------------------ the tasks

    private static long run(String directory, int number, int spinMillis, boolean failing) throws IOException {
        count(directory, number);
        long endNanos = System.nanoTime() + spinMillis * 1_000_000L;
        while (System.nanoTime() < endNanos) {
            Thread.onSpinWait();
        }
        if (failing) {
            throw new IllegalStateException("no answer for " + number);
        }
        return answer(number);
    }

    private static long answer(int number) {
        return number * 0x9E3779B97F4A7C15L + 7;
    }

    /** Written before anything else is done, in one piece: what is killed afterwards has been counted. */
    private static synchronized void count(String directory, int number) throws IOException {
        OutputStream out = executions;
        if (out == null) {
            String name =
                    TaskContext.current().host() + "-" + ProcessHandle.current().pid();
            // Not a channel: the interrupt of one task would close it for all that follow.
            out = new FileOutputStream(Path.of(directory, "executions", name).toFile(), true);
            executions = out;
        }
        out.write((number + "\n").getBytes(StandardCharsets.UTF_8));
    }

    // ------------------------------------------------------------------------------------------------------ the watch

    private void watch() {
        Thread thread = new Thread(this::sayHowFar, "watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void sayHowFar() {
        try {
            while (true) {
                Thread.sleep(1_000);
                long silenceMillis = (System.nanoTime() - lastCompletedNanos.get()) / 1_000_000;
                System.out.println(
                        "submitted " + submitted + " completed " + completed + " silence ms " + silenceMillis);
                if (silenceMillis > LONGEST_SILENCE_MILLIS) {
                    giveUp();
                }
            }
        } catch (InterruptedException | UncheckedIOException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void giveUp() {
        int shown = 0;
        for (Map.Entry<Integer, PoolFuture<Long>> stuck : pending.entrySet()) {
            System.out.println(
                    "stuck " + stuck.getKey() + " " + stuck.getValue().info());
            if (++shown == 20) {
                break;
            }
        }
        Runtime.getRuntime().halt(3);
    }
}

package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.ProcessSpec;
import io.farpool.worker.process.ClassPathSource;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A whole worker with real processes, its coordinator in the test's hands. */
abstract class WholeWorker {
    static final ProcessSpec SPEC =
            ProcessSpec.newBuilder().setMainClass(TestProcess.class.getName()).build();

    final TestCoordinator coordinator = new TestCoordinator();
    private final Set<Path> directoriesBefore = new HashSet<>();
    Worker worker;

    @BeforeEach
    void remember() throws IOException {
        directoriesBefore.addAll(directories());
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        worker.close();
        await(
                "the processes of this JVM to end",
                () -> ProcessHandle.current().children().findAny().isEmpty());
        Set<Path> left = new HashSet<>(directories());
        left.removeAll(directoriesBefore);
        assertThat(left).isEmpty();
    }

    void start(int slots) {
        start(slots, System.getProperty("java.class.path"));
    }

    void start(int slots, String classPath) {
        worker = Worker.start(settings(slots), coordinator, classPath(classPath));
    }

    static WorkerSettings settings(int slots) {
        return WorkerSettings.defaults()
                .withName("testhost")
                .withSlots(slots)
                .withKillGrace(Duration.ofMillis(300))
                .withMemoryShare(0.02);
    }

    static ClassPathSource classPath() {
        return classPath(System.getProperty("java.class.path"));
    }

    static ClassPathSource classPath(String joined) {
        List<Path> entries =
                Stream.of(joined.split(File.pathSeparator)).map(Path::of).toList();
        return (session, bundle) -> CompletableFuture.completedFuture(entries);
    }

    /** Its process's pid, once it is reported as started. */
    long started(long attempt) {
        return coordinator
                .await("started " + attempt, report -> report.getStartedList().stream()
                        .anyMatch(started -> started.getAttempt() == attempt))
                .getStartedList()
                .stream()
                .filter(started -> started.getAttempt() == attempt)
                .findFirst()
                .orElseThrow()
                .getPid();
    }

    /** A dead process that nobody has waited for yet does not count as alive. */
    static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException gone) {
            return false;
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited 20 s for " + what);
            }
            Thread.onSpinWait();
        }
    }

    private static List<Path> directories() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            String own = "farpool-" + ProcessHandle.current().pid() + "-";
            return all.filter(path -> path.getFileName().toString().startsWith(own))
                    .toList();
        }
    }
}

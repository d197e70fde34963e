package io.farpool.embedded;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.NotSerializableTaskException;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessContext;
import io.farpool.ProcessPoolExecutor;
import io.farpool.contract.Await;
import io.farpool.process.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process that an embedded pool starts with its first submit, while its session is opened and the task serialized. */
@Timeout(120)
class SpareProcessIT {
    /** What tests before this one may not have seen the end of. */
    private final Set<Long> before = children();

    private static Set<Long> children() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).collect(toSet());
    }

    /** Nothing else is started from here: the tests have archives of class data switched off. */
    private Set<Long> workers() {
        Set<Long> started = children();
        started.removeAll(before);
        return started;
    }

    private void runsOneTaskInOneProcess(ProcessPoolExecutor.Builder builder) {
        try (PoolExecutor pool = builder.maxWorkers(2).build()) {
            assertThat(workers()).isEmpty();
            long pid = pool.submit(() -> ProcessHandle.current().pid()).result();
            assertThat(workers()).containsExactly(pid);
        }
        assertThat(workers()).isEmpty();
    }

    @Test
    void theFirstTaskRunsInIt() {
        runsOneTaskInOneProcess(ProcessPoolExecutor.builder());
    }

    @Test
    void itIsWhatThePoolsProcessesAreToBe() {
        ProcessContext context =
                ProcessContext.defaults().jvmOptions("-Dspare=true").environment("SPARE", "true");
        runsOneTaskInOneProcess(ProcessPoolExecutor.builder()
                .processContext(context)
                .maxTasksPerProcess(3)
                .initializer(() -> {
                    if (!Boolean.getBoolean("spare") || !"true".equals(System.getenv("SPARE"))) {
                        throw new IllegalStateException("not what the pool was told");
                    }
                }));
    }

    @Test
    void whatItPrintsBeforeItHasASessionIsDelivered(@TempDir Path directory) {
        Path classes = directory.resolve("classes");
        ProcessContext context =
                ProcessContext.defaults().jvmOptions("-XX:+PrintCommandLineFlags", "-Xlog:class+load:file=" + classes);
        List<String> lines = new CopyOnWriteArrayList<>();
        try (PoolExecutor pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .processContext(context)
                .onLog(line -> lines.add(line.text()))
                .build()) {
            submitSomethingRefused(pool);
            Await.until("it has printed, and runs its main class", () -> holds(classes, WorkerProcess.class.getName()));
            assertThat(lines).isEmpty();
            assertThat(pool.submit(() -> 1).result()).isEqualTo(1);
        }
        assertThat(lines).singleElement().asString().contains("-XX:+PrintCommandLineFlags");
    }

    private static boolean holds(Path file, String text) {
        try {
            return Files.exists(file) && Files.readString(file).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void submitSomethingRefused(PoolExecutor pool) {
        Thread thread = Thread.currentThread();
        PoolFuture<String> refused = pool.submit(() -> thread.getName());
        assertThatThrownBy(refused::result).isInstanceOf(NotSerializableTaskException.class);
    }

    @Test
    void itEndsWithAPoolThatHasNothingToRun() {
        try (PoolExecutor pool = ProcessPoolExecutor.builder().maxWorkers(1).build()) {
            submitSomethingRefused(pool);
            Await.until("it is there", () -> workers().size() == 1);
        }
        assertThat(workers()).isEmpty();
    }
}

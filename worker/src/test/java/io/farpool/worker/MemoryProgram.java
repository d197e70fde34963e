package io.farpool.worker;

import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.ProcessSpec;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A worker to be run where memory is bounded: prints how large its processes' heaps are, and how some of them end. */
public final class MemoryProgram {
    private MemoryProgram() {}

    public static void main(String[] args) {
        List<Path> classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList();
        TestCoordinator coordinator = new TestCoordinator();
        WorkerSettings settings = WorkerSettings.defaults().withName("testhost").withSlots(2);
        try (Worker worker = Worker.start(
                settings, coordinator, (session, bundle) -> CompletableFuture.completedFuture(classPath))) {
            coordinator.open(
                    1,
                    1,
                    ProcessSpec.newBuilder()
                            .setMainClass(TestProcess.class.getName())
                            .addJvmOptions("-XX:MaxDirectMemorySize=8g")
                            .build());
            coordinator.run(1, 1, "heap");
            System.out.println("heap " + coordinator.result(1));
            coordinator.order(Order.newBuilder().addRuns(TestCoordinator.aRun(1, 2, "eat")));
            print("eat", coordinator.outcome(2).getLoss());
            coordinator.run(1, 3, "pid");
            long pid = Long.parseLong(coordinator.result(3));
            coordinator.run(1, 4, "sleep 60000");
            coordinator.await(
                    "start", report -> report.getStartedList().stream().anyMatch(it -> it.getAttempt() == 4));
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            print("kill", coordinator.outcome(4).getLoss());
        }
    }

    private static void print(String what, Loss loss) {
        System.out.println(what + " signal=" + loss.getSignal() + " out_of_memory=" + loss.getOutOfMemory() + " "
                + loss.getMessage());
    }
}

package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SessionOpened;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the core decides in one turn. */
class WorkerTurnsTest {
    @Test
    void aDecisionThatCannotBeCarriedOutLeavesTheOthersAlone() throws InterruptedException {
        TestCoordinator coordinator = new TestCoordinator();
        BlockingQueue<String> asked = new LinkedBlockingQueue<>();
        WorkerSettings settings =
                WorkerSettings.defaults().withName("testhost").withSlots(2).withMemoryShare(0.02);
        try (Worker worker = Worker.start(settings, coordinator, (session, bundle) -> {
            asked.add(session);
            if (session.equals("session1")) {
                throw new IllegalStateException("a bug in what carries out decisions");
            }
            return new CompletableFuture<>();
        })) {
            Order.Builder order = Order.newBuilder();
            for (int session = 1; session <= 2; session++) {
                order.addSessionsOpened(SessionOpened.newBuilder()
                                .setSession(session)
                                .setSessionId("session" + session)
                                .setProcess(ProcessSpec.newBuilder().setMainClass("Main")))
                        .addQuotas(Quota.newBuilder().setSession(session).setProcesses(1))
                        .addRuns(TestCoordinator.aRun(session, session, "echo"));
            }
            coordinator.order(order);
            assertThat(asked.poll(20, TimeUnit.SECONDS)).isEqualTo("session1");
            assertThat(asked.poll(20, TimeUnit.SECONDS)).isEqualTo("session2");
            assertThat(worker.isAttached()).isTrue();
        }
    }

    /** What was said before would be of no use to whoever hears it late. */
    @Test
    void nothingButHelloIsSaidUntilTheStateIsWanted() {
        TestCoordinator coordinator = new TestCoordinator();
        coordinator.asking = false;
        WorkerSettings settings =
                WorkerSettings.defaults().withName("testhost").withSlots(2).withMemoryShare(0.02);
        try (Worker worker = Worker.start(settings, coordinator, (session, bundle) -> new CompletableFuture<>())) {
            Report hello = coordinator.await("hello", Report::hasHello);
            assertThat(hello)
                    .isEqualTo(Report.newBuilder().setHello(hello.getHello()).build());
            assertThat(coordinator.reports()).hasSize(1);
            coordinator.order(Order.newBuilder().setStateWanted(true));
            coordinator.await("its state", Report::getStateComplete);
            assertThat(worker.attached()).succeedsWithin(20, TimeUnit.SECONDS);
            assertThat(coordinator.reports().get(1).getStateComplete()).isTrue();
            assertThat(coordinator.reports())
                    .filteredOn(Report::getStateComplete)
                    .hasSize(1);
        }
    }
}

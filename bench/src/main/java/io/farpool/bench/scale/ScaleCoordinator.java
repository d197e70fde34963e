package io.farpool.bench.scale;

import io.farpool.coordinator.CoordinatorServer;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.scheduling.SchedulerSettings;

/** A coordinator that lets one session queue as many tasks as are wanted: {@code CREDIT_TASKS}. Prints its port; ends with its input. */
final class ScaleCoordinator {
    private ScaleCoordinator() {}

    public static void main(String[] args) throws Exception {
        CoordinatorServer server = CoordinatorServer.start(CoordinatorSettings.defaults()
                .withPort(0)
                .withScheduling(SchedulerSettings.defaults().withCredit(Long.parseLong(args[0]), 1L << 40)));
        System.out.println("port " + server.port());
        System.out.flush();
        while (System.in.read() >= 0) {
            // Nothing is ever said.
        }
        server.close();
        System.exit(0);
    }
}

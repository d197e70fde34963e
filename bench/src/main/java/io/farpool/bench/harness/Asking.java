package io.farpool.bench.harness;

import io.farpool.bench.system.Kind;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A driver that is asked the same thing every round. */
class Asking implements Measurement {
    private final Program driver;
    private final String request;
    private final int cpuTasks;

    /** {@code cpuTasks}: if more than 0, the CPU time that the round has cost is told for each of so many tasks. */
    Asking(Setup setup, Kind kind, int hosts, String request, int cpuTasks) throws IOException {
        this.request = request;
        this.cpuTasks = cpuTasks;
        driver = Program.driver(setup, kind, hosts, setup.slots());
    }

    @Override
    public Map<String, Double> measure() throws IOException {
        double before = driver.tree().cpuSeconds();
        Map<String, Double> answer = new LinkedHashMap<>(driver.ask(request));
        if (cpuTasks > 0) {
            answer.put("cpu_us_per_task", (driver.tree().cpuSeconds() - before) * 1e6 / cpuTasks);
        }
        return answer;
    }

    @Override
    public void close() {
        driver.close();
    }
}

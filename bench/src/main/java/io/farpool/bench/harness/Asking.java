package io.farpool.bench.harness;

import io.farpool.bench.system.Kind;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A driver that is asked the same thing every round. */
class Asking implements Measurement {
    private final Program driver;
    private final String request;
    private final String warmUpRequest;

    /** Where the answer says how many {@code tasks} there were, the CPU time that each has cost is told too. */
    Asking(Setup setup, Kind kind, int hosts, String request) throws IOException {
        this(setup, kind, hosts, request, request);
    }

    /** One that is asked something else for warming up. */
    Asking(Setup setup, Kind kind, int hosts, String request, String warmUpRequest) throws IOException {
        this.request = request;
        this.warmUpRequest = warmUpRequest;
        driver = Program.driver(setup, kind, hosts, setup.slots());
    }

    @Override
    public Map<String, Double> measure() throws IOException {
        double before = driver.tree().cpuSeconds();
        Map<String, Double> answer = new LinkedHashMap<>(driver.ask(request));
        Double tasks = answer.get("tasks");
        if (tasks != null) {
            answer.put("cpu_us_per_task", (driver.tree().cpuSeconds() - before) * 1e6 / tasks);
        }
        return answer;
    }

    @Override
    public Map<String, Double> warmUp() throws IOException {
        return driver.ask(warmUpRequest);
    }

    @Override
    public void close() {
        driver.close();
    }
}

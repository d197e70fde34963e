package io.farpool.bench.report;

import io.farpool.bench.harness.Machine;
import java.util.LinkedHashMap;
import java.util.Map;

/** The machine in words, and texts without its paths. */
public final class MachineText {
    /** More than a shell and the build before it leave behind. */
    private static final double QUIET_LOAD = 1.0;

    private static final String BUSY = " **The machine was busy with something else: the figures are worth little.**";

    private MachineText() {}

    /** A sentence or two. */
    public static String of(Machine machine, String loadAfter) {
        return machine.begun() + ": " + machine.cores() + " cores (" + machine.processor() + "), "
                + machine.memoryGiB() + " GiB, " + machine.kernel() + ", " + machine.jdk() + ", " + machine.python()
                + ", all on loopback. Load averages (1, 5, 15 minutes) before: " + machine.loadBefore() + "; after: "
                + loadAfter + "." + (wasBusy(machine) ? BUSY : "");
    }

    private static boolean wasBusy(Machine machine) {
        String oneMinute = machine.loadBefore().split(" ", -1)[0];
        return oneMinute.matches("[0-9.]+") && Double.parseDouble(oneMinute) > QUIET_LOAD;
    }

    /** For raw results. */
    public static Map<String, Object> raw(Machine machine, String loadAfter) {
        Map<String, Object> raw = new LinkedHashMap<>();
        raw.put("begun", machine.begun());
        raw.put("cores", machine.cores());
        raw.put("processor", machine.processor());
        raw.put("memory_gib", machine.memoryGiB());
        raw.put("kernel", machine.kernel());
        raw.put("jdk", machine.jdk());
        raw.put("python", machine.python());
        raw.put("load_before", machine.loadBefore());
        raw.put("load_after", loadAfter);
        return raw;
    }

    /** A message without the paths of this machine, cut where it gets long. */
    static String withoutPaths(String message) {
        String without = message.replaceAll("(?<![\\w/])/[\\w./-]+", "…");
        return without.length() <= 300 ? without : without.substring(0, 300) + "…";
    }
}

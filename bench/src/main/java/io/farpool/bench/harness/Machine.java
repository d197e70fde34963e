package io.farpool.bench.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What a run was made on, without what would name the machine.
 *
 * @param cores that this JVM may use
 * @param processor its model
 * @param memoryGiB of the machine
 * @param kernel its version
 * @param jdk vendor and version
 * @param python its version
 * @param begun when
 * @param loadBefore averages over 1, 5 and 15 minutes as the run began
 */
public record Machine(
        int cores,
        String processor,
        long memoryGiB,
        String kernel,
        String jdk,
        String python,
        String begun,
        String loadBefore) {

    /** This one, now. */
    public static Machine look() {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                after("/proc/cpuinfo", "model name"),
                Math.round(
                        Long.parseLong("0" + after("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", ""))
                                / 1024.0
                                / 1024.0),
                System.getProperty("os.name") + " "
                        + System.getProperty("os.version").replaceAll("^([0-9]+[.][0-9]+).*", "$1"),
                System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.version"),
                pythonVersion(),
                Instant.now().truncatedTo(ChronoUnit.MINUTES).toString(),
                load());
    }

    /** Load averages over 1, 5 and 15 minutes now: more than nothing before a run means that others were at work. */
    public static String load() {
        try {
            List<String> words =
                    List.of(Files.readString(Path.of("/proc/loadavg")).split(" ", -1));
            return String.join(" ", words.subList(0, 3));
        } catch (IOException notLinux) {
            return "unknown";
        }
    }

    private static String after(String file, String name) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException notLinux) {
            return "";
        }
    }

    private static String pythonVersion() {
        try {
            Process python = new ProcessBuilder("python3", "--version")
                    .redirectErrorStream(true)
                    .start();
            try (var out = python.inputReader(StandardCharsets.UTF_8)) {
                String line = out.readLine();
                return line == null ? "none" : line;
            }
        } catch (IOException none) {
            return "none";
        }
    }
}

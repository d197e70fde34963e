package io.farpool.contract;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What another JVM's memory holds. */
final class MemoryUse {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

    private MemoryUse() {}

    /** What of its heap is in use, after a collection that this asks for. */
    static long liveHeapBytes(Process jvm) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        "" + jvm.pid(),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher total = TOTAL.matcher(said);
        if (!total.find()) {
            throw new IOException("jcmd GC.class_histogram gave no total, but: " + said);
        }
        return Long.parseLong(total.group(1));
    }

    /** The most that it has had resident, heap or not, as far as this system tells. */
    static String mostResidentMiB(Process jvm) throws IOException {
        Path status = Path.of("/proc", "" + jvm.pid(), "status");
        if (!Files.exists(status)) {
            return "?";
        }
        try (Stream<String> lines = Files.lines(status)) {
            String kibibytes = lines.filter(line -> line.startsWith("VmHWM:"))
                    .findFirst()
                    .orElse("VmHWM: 0")
                    .replaceAll("\\D", "");
            return "" + (Long.parseLong(kibibytes) >> 10);
        }
    }
}

package io.farpool.bench.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The JDK's {@code jcmd PID GC.class_histogram}, which collects first. */
final class HeapHistogram {
    private static final Pattern TOTAL = Pattern.compile("Total\\s+[0-9]+\\s+([0-9]+)");

    private HeapHistogram() {}

    /** Of a JVM of this user's; 0 when it does not answer, as one that has ended. */
    static long liveBytes(long pid) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        "" + pid,
                        "GC.class_histogram"))
                .redirectErrorStream(true)
                .start();
        long bytes;
        try (Stream<String> lines = jcmd.inputReader(StandardCharsets.UTF_8).lines()) {
            bytes = lines.mapToLong(HeapHistogram::total).sum();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        int ignored = jcmd.waitFor();
        return bytes;
    }

    static long total(String line) {
        Matcher matcher = TOTAL.matcher(line.strip());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    }
}

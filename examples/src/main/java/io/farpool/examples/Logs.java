package io.farpool.examples;

import io.farpool.ProcessPoolExecutor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Counts lines, errors and warnings of every log under a folder, a file a task, and lists the worst first.
 *
 * <p>The tasks open the files where they run: on a cluster, the folder has to be on a file system that its hosts share.
 */
@Command(name = "logs", description = "Count lines, ERRORs and WARNs of every log under a folder, over processes.")
public final class Logs implements Callable<Integer> {
    @Mixin
    private final PoolOptions where = new PoolOptions();

    @Parameters(paramLabel = "DIR", description = "The folder to look in.")
    private Path folder;

    @Option(
            names = "--pattern",
            defaultValue = "*.log",
            description = "Which file names to count (default: ${DEFAULT-VALUE}). Names that end in .gz are unpacked.")
    private String pattern;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init")
    Logs() {}

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Logs(), args));
    }

    @Override
    public Integer call() throws IOException {
        // Absolute, because a worker process has a working directory of its own.
        Path root = folder.toAbsolutePath().normalize();
        if (!Files.isDirectory(root)) {
            throw new ParameterException(spec.commandLine(), folder + " is not a folder");
        }
        PathMatcher named = matcher();
        FileSearch search = FileSearch.under(root, file -> named.matches(file.getFileName()), null);

        Elapsed elapsed = Elapsed.start();
        List<Row> rows = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        search.failures().forEach(failure -> unreadable.add(Main.describe(failure)));
        try (ProcessPoolExecutor pool = where.pool().build();
                Progress progress = Progress.of("logs", search.files().size())) {
            Iterator<Counts> counts = pool.map(Logs::count, search.files()).iterator();
            for (Path file : search.files()) {
                // A file that cannot be read fails at its turn; those after it still arrive.
                try {
                    rows.add(new Row(root.relativize(file), counts.next()));
                } catch (RuntimeException failure) {
                    unreadable.add(root.relativize(file) + ": " + Main.describe(failure));
                }
                progress.step();
            }
        }
        print(rows);
        unreadable.forEach(file -> System.out.println("unreadable: " + file));
        System.out.println(rows.size() + " counted, " + unreadable.size() + " unreadable, elapsed " + elapsed);
        return 0;
    }

    private PathMatcher matcher() {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--pattern '" + pattern + "' is no glob: " + e.getMessage(), e);
        }
    }

    private static void print(List<Row> rows) {
        rows.sort(Comparator.comparingLong((Row row) -> row.counts().errors())
                .thenComparingLong(row -> row.counts().warnings())
                .reversed()
                .thenComparing(Row::file));
        System.out.printf("%10s %10s %10s  %s%n", "LINES", "ERROR", "WARN", "FILE");
        for (Row row : rows) {
            Counts counts = row.counts();
            System.out.printf("%10d %10d %10d  %s%n", counts.lines(), counts.errors(), counts.warnings(), row.file());
        }
    }

    /** The task: one file, in the worker process. */
    static Counts count(Path file) throws IOException {
        try (InputStream raw = Files.newInputStream(file);
                InputStream bytes = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            return count(bytes);
        }
    }

    /**
     * Counts as {@code grep -c} does: every line that contains the word, whatever its other bytes, and a last line
     * without an end too. Byte by byte, so that neither a log of gigabytes nor a line of gigabytes needs any memory.
     */
    static Counts count(InputStream bytes) throws IOException {
        Word error = new Word("ERROR");
        Word warning = new Word("WARN");
        long lines = 0;
        boolean inLine = false;
        byte[] buffer = new byte[1 << 16];
        for (int length = bytes.read(buffer); length >= 0; length = bytes.read(buffer)) {
            for (int i = 0; i < length; i++) {
                error.next(buffer[i]);
                warning.next(buffer[i]);
                inLine = buffer[i] != '\n';
                if (!inLine) {
                    lines++;
                }
            }
        }
        return new Counts(inLine ? lines + 1 : lines, error.lines, warning.lines);
    }

    /** What one log holds. */
    record Counts(long lines, long errors, long warnings) {}

    private record Row(Path file, Counts counts) {}

    /** Counts the lines with a word in them. Its first letter must not occur in it again: a search restarts only there. */
    private static final class Word {
        private final byte[] letters;
        private int matched;
        private boolean countedThisLine;
        private long lines;

        Word(String word) {
            letters = word.getBytes(StandardCharsets.ISO_8859_1);
        }

        void next(byte letter) {
            if (letter == '\n') {
                matched = 0;
                countedThisLine = false;
            } else if (!countedThisLine) {
                matched = letter == letters[matched] ? matched + 1 : letter == letters[0] ? 1 : 0;
                if (matched == letters.length) {
                    matched = 0;
                    countedThisLine = true;
                    lines++;
                }
            }
        }
    }
}

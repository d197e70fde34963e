package io.farpool.bench.harness;

import io.farpool.bench.system.Kind;
import io.farpool.bench.system.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How a run is made.
 *
 * @param rounds each system is measured so often
 * @param quick tiny counts, to see that everything works: the figures mean nothing
 * @param slots tasks at once
 * @param kinds the systems
 * @param target this module's directory of what is built: logs and raw results go there
 * @param pythonDriver the script
 */
public record Setup(int rounds, boolean quick, int slots, List<Kind> kinds, Path target, Path pythonDriver) {

    /** In a clone of the repository, which the jar lies in. */
    public static Setup inClone(int rounds, boolean quick, int slots, List<Kind> kinds) throws IOException {
        Path target = directory();
        Path logs = target.resolve("logs");
        Files.createDirectories(logs);
        return new Setup(
                rounds, quick, slots, List.copyOf(kinds), target, module().resolve("src/main/python/pool_driver.py"));
    }

    /** This module's directory in the clone. */
    public static Path module() {
        Path module = directory().getParent();
        if (module == null) {
            throw new IllegalStateException("the jar must lie in bench/target");
        }
        return module;
    }

    private static Path directory() {
        Path directory = Programs.ownJar().toAbsolutePath().getParent();
        if (directory == null) {
            throw new IllegalStateException("the jar must lie in bench/target");
        }
        return directory;
    }

    /** The number for a whole run, or the one for a quick one. */
    public int count(int whole, int quickly) {
        return quick ? quickly : whole;
    }

    /** Takes the standard error of a system's processes. */
    public Path log(Kind kind) {
        return target.resolve("logs").resolve(kind.id() + ".log");
    }
}

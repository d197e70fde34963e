package archived;

import io.farpool.PoolExecutor;
import io.farpool.ProcessPoolExecutor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Says a result, and which archives the worker process has mapped. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        try (PoolExecutor pool = ProcessPoolExecutor.create(1)) {
            System.out.println("result " + pool.submit(a -> a * 7, 6).result());
            System.out.println("archives " + pool.submit(Main::archives).result());
        }
    }

    /** The files that end in .jsa, but for the JDK's own, called classes.jsa or similar. */
    private static String archives() throws Exception {
        List<String> maps = Files.readAllLines(Path.of("/proc/self/maps"));
        return maps.stream()
                .filter(line -> line.endsWith(".jsa"))
                .map(line -> line.substring(line.lastIndexOf('/') + 1))
                .filter(name -> !name.startsWith("classes"))
                .distinct()
                .toList()
                .toString();
    }
}

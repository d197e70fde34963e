package io.farpool.examples;

import io.farpool.Futures;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import net.coobird.thumbnailator.Thumbnails;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * Resizes every PNG and JPEG under a folder, a picture a task, and reports each as it is done.
 *
 * <p>The tasks open the files where they run: on a cluster, both folders have to be on a file system that its hosts share.
 */
@Command(name = "images", description = "Resize every PNG and JPEG under a folder, over processes.")
public final class Images implements Callable<Integer> {
    @Mixin
    private final PoolOptions where = new PoolOptions();

    @Option(names = "--in", paramLabel = "DIR", required = true, description = "The folder with the pictures.")
    private Path in;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Where the results go, under the same names.")
    private Path out;

    @Option(
            names = "--size",
            paramLabel = "WIDTHxHEIGHT",
            defaultValue = "800x600",
            converter = SizeConverter.class,
            description = "What every picture is resized to (default: ${DEFAULT-VALUE}).")
    private Size size;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init")
    Images() {}

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Images(), args));
    }

    @Override
    public Integer call() throws IOException {
        // Absolute, because a worker process has a working directory of its own.
        Path from = in.toAbsolutePath().normalize();
        Path to = out.toAbsolutePath().normalize();
        check(Files.isDirectory(from), "--in " + in + " is not a folder");
        check(!from.equals(to), "--out " + out + " is the same folder as --in; the originals would be overwritten");
        check(!Files.exists(to) || Files.isDirectory(to), "--out " + out + " is not a folder");
        Size wanted = size;
        FileSearch search = FileSearch.under(from, Images::isPicture, to);

        Elapsed elapsed = Elapsed.start();
        List<String> failures = new ArrayList<>();
        search.failures().forEach(failure -> failures.add(Main.describe(failure)));
        int total = search.files().size();
        int done = 0;
        int resized = 0;
        try (ProcessPoolExecutor pool =
                        where.pool().initializer(Images::prepareProcess).build();
                Progress progress = Progress.of("images", total)) {
            Map<PoolFuture<Path>, Path> files = new LinkedHashMap<>();
            for (Path file : search.files()) {
                Path target = to.resolve(from.relativize(file));
                files.put(pool.submit(() -> resize(file, target, wanted)), from.relativize(file));
            }
            for (PoolFuture<Path> future : Futures.asCompleted(files.keySet())) {
                Path name = files.get(future);
                Throwable failure = future.exception();
                done++;
                if (failure == null) {
                    resized++;
                    progress.say("[" + done + "/" + total + "] " + name + " -> " + out.resolve(name));
                } else {
                    failures.add(name + ": " + Main.describe(failure));
                    progress.say("[" + done + "/" + total + "] " + name + " failed");
                }
                progress.step();
            }
        }
        failures.forEach(failure -> System.out.println("failed: " + failure));
        System.out.println(resized + " resized, " + failures.size() + " failed, elapsed " + elapsed);
        return 0;
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }

    static boolean isPicture(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
    }

    /** Runs once in every worker process, before its first task. */
    private static void prepareProcess() {
        System.setProperty("java.awt.headless", "true");
        ImageIO.setUseCache(false);
    }

    /** The task: one picture, in the worker process. The target is written only once all of it is there. */
    static Path resize(Path source, Path target, Size size) throws IOException {
        String format = target.toString().toLowerCase(Locale.ROOT).endsWith(".png") ? "png" : "jpg";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (InputStream input = Files.newInputStream(source)) {
            Thumbnails.of(input)
                    .forceSize(size.width(), size.height())
                    .outputFormat(format)
                    .toOutputStream(bytes);
        }
        Files.createDirectories(target.getParent());
        return Files.write(target, bytes.toByteArray());
    }

    /** In pixels. */
    record Size(int width, int height) {}

    static final class SizeConverter implements ITypeConverter<Size> {
        @Override
        public Size convert(String text) {
            if (!text.matches("[1-9]\\d{0,4}x[1-9]\\d{0,4}")) {
                throw new TypeConversionException("'" + text + "' is not WIDTHxHEIGHT in pixels, such as 800x600");
            }
            int cross = text.indexOf('x');
            return new Size(Integer.parseInt(text.substring(0, cross)), Integer.parseInt(text.substring(cross + 1)));
        }
    }
}

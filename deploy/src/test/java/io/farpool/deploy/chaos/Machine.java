package io.farpool.deploy.chaos;

import io.farpool.deploy.FarpoolProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One machine of the suite and the program that runs on it, which may be started again and again. What each start of it has
 * written goes to a file when it has ended. For one thread at a time.
 */
final class Machine implements AutoCloseable {
    /** What a machine is there for. */
    enum Role {
        COORDINATOR,
        WORKER,
        CLIENT
    }

    private static final Duration DEADLINE = FarpoolProcess.START_DEADLINE;
    private static final Pattern UP = Pattern.compile("(?m)^coordinator listening on |^worker \\S+ attached ");
    /** For a worker's blobs when the disk is to be full: no jar fits. */
    private static final String FULL_DISK = "mount -t tmpfs -o size=64k farpool-chaos \"$0\" && exec \"$@\"";

    final String name;
    final Role role;
    final Network network;

    private final Path directory;
    private final Path logs;
    private final Map<String, String> environment;
    private final List<String> command;
    private @Nullable FarpoolProcess running;
    private int starts;

    /**
     * Nothing runs on it yet.
     *
     * @param directory its own: temporary files, and a worker's blobs in {@code cache}
     * @param command what is to run on it
     */
    Machine(
            String name,
            Role role,
            Network network,
            Path directory,
            Path logs,
            Map<String, String> environment,
            List<String> command) {
        this.name = name;
        this.role = role;
        this.network = network;
        this.directory = directory;
        this.logs = logs;
        this.environment = environment;
        this.command = command;
    }

    static Path cache(Path directory) {
        return directory.resolve("cache");
    }

    /** The file that says how wrong its wall clock is. */
    static Path clock(Path directory) {
        return directory.resolve("clock");
    }

    void start() throws IOException {
        start(command);
    }

    /** Started so, no blob of a worker finds room. */
    void startWithFullDisk() throws IOException {
        List<String> whole = new ArrayList<>(List.of(
                "unshare", "--mount", "sh", "-c", FULL_DISK, cache(directory).toString()));
        whole.addAll(command);
        start(whole);
    }

    private void start(List<String> whole) throws IOException {
        starts++;
        running = FarpoolProcess.start(environment, network.on(name, whole));
    }

    FarpoolProcess process() {
        FarpoolProcess process = running;
        if (process == null) {
            throw new IllegalStateException("nothing runs on " + name);
        }
        return process;
    }

    /** Until its daemon says that it listens, or has attached, or until calm comes. */
    void awaitUp(Calm calm) throws InterruptedException {
        while (!calm.hasCome() && !UP.matcher(process().stdout()).find()) {
            calm.await(100);
        }
    }

    void awaitLine(String regex) throws InterruptedException, TimeoutException {
        process().awaitLine(regex, DEADLINE);
    }

    /** SIGKILL for the program, and for nothing that it has started. */
    void kill() throws IOException {
        FarpoolProcess process = process();
        process.handle().destroyForcibly();
        process.handle()
                .onExit()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
        ended();
    }

    /** SIGKILL for one of the processes that the program has started, if there is any. */
    boolean killChild(Random random) {
        int choice = random.nextInt(Integer.MAX_VALUE);
        List<ProcessHandle> children = process().handle().descendants().toList();
        return !children.isEmpty() && children.get(choice % children.size()).destroyForcibly();
    }

    /** As {@link WallClocks#step}. */
    void stepClock(long seconds) throws IOException {
        WallClocks.step(clock(directory), seconds);
    }

    boolean hasClockOfItsOwn() throws IOException {
        Path maps = Path.of("/proc", Long.toString(process().handle().pid()), "maps");
        return Files.readString(maps).contains(WallClocks.LIBRARY);
    }

    /** SIGTERM, and the exit status. */
    int stop() throws IOException, InterruptedException, TimeoutException {
        int status = process().stop(DEADLINE);
        ended();
        return status;
    }

    private void ended() throws IOException {
        FarpoolProcess process = process();
        running = null;
        Files.createDirectories(logs);
        Files.writeString(logs.resolve(name + "-" + starts + ".log"), process.toString());
    }

    @Override
    public void close() {
        FarpoolProcess process = running;
        if (process != null) {
            process.close();
            try {
                ended();
            } catch (IOException notWritten) {
                System.err.println("the log of " + name + " is lost: " + notWritten);
            }
        }
    }
}

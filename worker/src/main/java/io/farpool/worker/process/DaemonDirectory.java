package io.farpool.worker.process;

import io.farpool.temporary.TemporaryDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A daemon's own directory, for nobody else's eyes: the socket, the large payloads that it keeps, and a directory for each
 * process, with its notes, its large results until the daemon has them, and its temporary files. Removed at the end.
 */
final class DaemonDirectory {
    /** Of a Unix socket's address, the terminating zero included. */
    private static final int LONGEST_SOCKET_PATH = 107;

    private static final String SOCKET = "s";
    private static final String PAYLOADS = "payloads";

    private final TemporaryDirectory root;

    private DaemonDirectory(TemporaryDirectory root) {
        this.root = root;
    }

    /** Makes one under the JVM's temporary directory, or under /tmp where that would make the socket's path too long. */
    static DaemonDirectory create() throws IOException {
        DaemonDirectory directory = new DaemonDirectory(TemporaryDirectory.create(TemporaryDirectory.Kind.DAEMON));
        if (directory.socketPathBytes() > LONGEST_SOCKET_PATH) {
            directory.remove();
            directory = new DaemonDirectory(TemporaryDirectory.create(Path.of("/tmp"), TemporaryDirectory.Kind.DAEMON));
        }
        Files.createDirectory(directory.payloads());
        return directory;
    }

    Path socket() {
        return root.path().resolve(SOCKET);
    }

    /** Of large payloads that are the daemon's. */
    Path payloads() {
        return root.path().resolve(PAYLOADS);
    }

    /** Of large payloads that a process has made, and may still be making. */
    Path payloadsOf(long process) {
        return of(process).resolve(PAYLOADS);
    }

    private Path of(long process) {
        return root.path().resolve("p" + process);
    }

    Path createForProcess(long process) throws IOException {
        Path directory = of(process);
        Files.createDirectory(directory);
        Files.createDirectory(directory.resolve(PAYLOADS));
        Files.createDirectory(directory.resolve("tmp"));
        return directory;
    }

    void remove() {
        root.close();
    }

    private int socketPathBytes() {
        return socket().toString().getBytes(StandardCharsets.UTF_8).length;
    }
}

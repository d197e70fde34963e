package io.farpool.worker.process;

import io.farpool.temporary.TemporaryDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A daemon's own directory, for nobody else's eyes: the socket, and a directory for each process, with its marker and its
 * temporary files. Removed at the end.
 */
final class DaemonDirectory {
    /** Of a Unix socket's address, the terminating zero included. */
    private static final int LONGEST_SOCKET_PATH = 107;

    private static final String SOCKET = "s";

    private final TemporaryDirectory root;

    private DaemonDirectory(TemporaryDirectory root) {
        this.root = root;
    }

    /** Makes one under the JVM's temporary directory, or under /tmp where that would make the socket's path too long. */
    static DaemonDirectory create() throws IOException {
        DaemonDirectory directory = new DaemonDirectory(TemporaryDirectory.create(TemporaryDirectory.Kind.DAEMON));
        if (directory.socketPathBytes() <= LONGEST_SOCKET_PATH) {
            return directory;
        }
        directory.remove();
        return new DaemonDirectory(TemporaryDirectory.create(Path.of("/tmp"), TemporaryDirectory.Kind.DAEMON));
    }

    Path socket() {
        return root.path().resolve(SOCKET);
    }

    Path createForProcess(long process) throws IOException {
        Path directory = root.path().resolve("p" + process);
        Files.createDirectory(directory);
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

package io.farpool.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A store in a directory of its own, with a clock that the test moves. */
abstract class StoreInADirectory {
    static final long MANY_BYTES = 1L << 30;

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong(5);
    private final List<BlobStore> opened = new ArrayList<>();

    @AfterEach
    void closeStores() {
        opened.forEach(BlobStore::close);
    }

    final BlobStore open(long limitBytes) throws IOException {
        BlobStore store = BlobStore.open(directory, limitBytes, nanos::get);
        opened.add(store);
        return store;
    }

    static byte[] bytes(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static boolean store(BlobStore store, byte[] content, String name) throws IOException {
        try (BlobWriter writer = store.write(BlobDigest.ofBytes(content), name)) {
            int half = content.length / 2;
            writer.append(ByteBuffer.wrap(content, 0, half));
            writer.append(ByteBuffer.wrap(content, half, content.length - half));
            return writer.commit();
        }
    }

    static BlobDigest stored(BlobStore store, int seed, int size) throws IOException {
        byte[] content = bytes(seed, size);
        store(store, content, "blob" + seed + ".jar");
        return BlobDigest.ofBytes(content);
    }

    static byte[] readAll(BlobStore store, BlobDigest digest, int pieceBytes) throws IOException {
        try (BlobReader reader = store.read(digest).orElseThrow()) {
            ByteBuffer all = ByteBuffer.allocate((int) digest.sizeBytes());
            for (byte[] piece = reader.next(pieceBytes); piece != null; piece = reader.next(pieceBytes)) {
                all.put(piece);
            }
            return all.array();
        }
    }

    final void letKeepRunOut() {
        nanos.addAndGet(BlobStore.KEEP.toNanos() + 1);
    }

    final List<Path> filesOnDisk() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("lock"))
                    .toList();
        }
    }
}

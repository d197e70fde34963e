package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import java.util.zip.CRC32C;

/** Bytes of the simulation that travel as a large payload does; they are few. */
final class LargeBytes {
    private LargeBytes() {}

    static ByteString padded(String text, int bytes) {
        return ByteString.copyFromUtf8(text + "/" + "x".repeat(bytes));
    }

    /** @param path empty: it is on another machine */
    static Payload at(String path, ByteString bytes) {
        return Payload.newBuilder()
                .setReference(PayloadReference.newBuilder()
                        .setSizeBytes(bytes.size())
                        .setCrc32C(crc32c(bytes))
                        .setPath(path))
                .build();
    }

    static boolean areOf(PayloadReference reference, ByteString bytes) {
        return reference.getSizeBytes() == bytes.size() && reference.getCrc32C() == crc32c(bytes);
    }

    private static int crc32c(ByteString bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.toByteArray());
        return (int) crc.getValue();
    }
}

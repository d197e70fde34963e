package io.farpool.codec;

import com.google.protobuf.UnsafeByteOperations;
import io.farpool.payload.PayloadFile;
import io.farpool.payload.PayloadWriter;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Objects as payloads, and back: small ones inside the message, large ones in files, which are written and read as streams, so that
 * their bytes are never all in memory. Thread-safe.
 */
public final class PayloadCodec {
    /** Where files for large payloads are made. Thread-safe. */
    public interface Place {
        /** The path of a file that is not there yet, and has been named to nobody else. */
        Path newFile() throws IOException;

        /** The file is not needed. It may never have been made. Does not throw. */
        void discard(Path file);
    }

    private final Codec codec;
    private final Place place;
    private final int mostInlineBytes;

    /**
     * @param place where large payloads go
     * @param mostInlineBytes how many bytes may be inside a message
     */
    public PayloadCodec(Codec codec, Place place, int mostInlineBytes) {
        this.codec = codec;
        this.place = place;
        this.mostInlineBytes = mostInlineBytes;
    }

    public Codec codec() {
        return codec;
    }

    /**
     * Turns a value into a payload. A reference names its file, which is the caller's.
     *
     * @param value any object, or null
     * @param what it is, for messages
     * @throws io.farpool.NotSerializableTaskException if it cannot be serialized
     * @throws UncheckedIOException if it is large and cannot be written to its file; the message names that
     */
    public Payload encode(@Nullable Object value, String what) {
        return encode(value, what, Codec::nobody);
    }

    /**
     * Turns a value into a payload, as {@link #encode(Object, String)} does.
     *
     * @param named is told the classes that its bytes name, as {@link Codec#encode(Object, Consumer)} has it
     */
    public Payload encode(@Nullable Object value, String what, Consumer<Class<?>> named) {
        try (Spill spill = new Spill(place)) {
            byte[] bytes = codec.encode(value, mostInlineBytes, spill, named);
            return bytes == null
                    ? Payload.newBuilder().setReference(spill.finish().here()).build()
                    : Payload.newBuilder()
                            .setInline(UnsafeByteOperations.unsafeWrap(bytes))
                            .build();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    what + " takes more than " + mostInlineBytes + " bytes serialized and goes into a file, but: "
                            + (e.getMessage() == null ? e.toString() : e.getMessage()),
                    e);
        }
    }

    /**
     * Turns a payload back into the value. A reference must name its file.
     *
     * @throws io.farpool.NotSerializableTaskException if its bytes are damaged, or hold what cannot be rebuilt here
     * @throws UncheckedIOException if it is in a file that cannot be read
     */
    public @Nullable Object decode(Payload payload) {
        return payload.hasReference()
                ? decode(PayloadFile.of(payload.getReference()))
                : codec.decode(payload.getInline().asReadOnlyByteBuffer());
    }

    /**
     * Turns a file back into the value. The file stays.
     *
     * @throws io.farpool.NotSerializableTaskException if its bytes hold what cannot be rebuilt here
     * @throws UncheckedIOException if it cannot be read, or does not hold what it should
     */
    public @Nullable Object decode(PayloadFile file) {
        CRC32C crc = new CRC32C();
        try {
            Object value = codec.decode(() -> open(file, crc), file.sizeBytes());
            if ((int) crc.getValue() != file.crc32c()) {
                throw new IOException("its CRC32C is " + Integer.toHexString((int) crc.getValue()) + ", expected "
                        + Integer.toHexString(file.crc32c()));
            }
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the payload in " + file.path() + ": " + e.getMessage(), e);
        }
    }

    /** Gives up a payload that {@link #encode} has made: nobody is to have it. */
    public void discard(Payload payload) {
        if (payload.hasReference()) {
            place.discard(PayloadFile.of(payload.getReference()).path());
        }
    }

    private static InputStream open(PayloadFile file, CRC32C crc) throws IOException {
        long sizeBytes = Files.size(file.path());
        if (sizeBytes != file.sizeBytes()) {
            throw new IOException("it has " + sizeBytes + " bytes, expected " + file.sizeBytes());
        }
        crc.reset();
        return new CheckedInputStream(Files.newInputStream(file.path()), crc);
    }

    /** Whether a file holds what a reference names. */
    public static boolean isOf(PayloadFile file, PayloadReference reference) {
        return file.sizeBytes() == reference.getSizeBytes() && file.crc32c() == reference.getCrc32C();
    }

    /** A value's way into a file, from the moment it turns out to be large. Removes what is not finished. */
    private static final class Spill implements Codec.Overflow, AutoCloseable {
        private final Place place;
        private @Nullable PayloadWriter writer;
        private @Nullable Path path;

        Spill(Place place) {
            this.place = place;
        }

        @Override
        public OutputStream begin() throws IOException {
            close();
            Path file = place.newFile();
            path = file;
            PayloadWriter begun = PayloadWriter.create(file);
            writer = begun;
            return begun;
        }

        PayloadFile finish() throws IOException {
            if (writer == null) {
                throw new IllegalStateException("no file has been begun");
            }
            PayloadFile file = writer.finish();
            writer = null;
            path = null;
            return file;
        }

        @Override
        public void close() {
            if (writer != null) {
                writer.close();
                writer = null;
            }
            if (path != null) {
                place.discard(path);
                path = null;
            }
        }
    }
}

package io.farpool.blob;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names bytes by their content: the SHA-256 and the size. The form in which the wire's {@link Digest} is used inside, once
 * it has been checked.
 *
 * @param hex the SHA-256 as 64 lower-case hexadecimal digits
 * @param sizeBytes how many bytes it names
 */
public record BlobDigest(String hex, long sizeBytes) {
    private static final int SHA256_BYTES = 32;
    private static final int READ_BYTES = 1 << 17;

    /** Checks the form. Throws IllegalArgumentException with the value and what was expected. */
    public BlobDigest {
        if (hex.length() != 2 * SHA256_BYTES || !isLowerCaseHex(hex)) {
            throw new IllegalArgumentException(
                    "a SHA-256 is 64 lower-case hexadecimal digits, not '" + shortened(hex) + "'");
        }
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("a blob's size_bytes is 0 or more, not " + sizeBytes);
        }
    }

    /** From the wire. Throws IllegalArgumentException if it is malformed. */
    public static BlobDigest of(Digest wire) {
        if (wire.getSha256().size() != SHA256_BYTES) {
            throw new IllegalArgumentException("a digest's sha256 is " + SHA256_BYTES + " bytes, not "
                    + wire.getSha256().size());
        }
        return of(wire.getSha256().toByteArray(), wire.getSizeBytes());
    }

    /** From the raw SHA-256. */
    public static BlobDigest of(byte[] sha256, long sizeBytes) {
        return new BlobDigest(HexFormat.of().formatHex(sha256), sizeBytes);
    }

    /** Of bytes in memory. */
    public static BlobDigest ofBytes(byte[] content) {
        return of(sha256().digest(content), content.length);
    }

    /** Of what a file holds now; reads all of it. */
    public static BlobDigest ofFile(Path file) throws IOException {
        MessageDigest sha256 = sha256();
        long sizeBytes = 0;
        byte[] buffer = new byte[READ_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sha256.update(buffer, 0, read);
                sizeBytes += read;
            }
        }
        return of(sha256.digest(), sizeBytes);
    }

    /** For the wire. */
    public Digest toWire() {
        return Digest.newBuilder()
                .setSha256(ByteString.copyFrom(HexFormat.of().parseHex(hex)))
                .setSizeBytes(sizeBytes)
                .build();
    }

    /** A fresh SHA-256 computation. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** As messages name it. */
    @Override
    public String toString() {
        return "sha256:" + hex + " (" + sizeBytes + " bytes)";
    }

    private static boolean isLowerCaseHex(String text) {
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}

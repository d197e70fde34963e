package io.farpool.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;

/**
 * Tells a LinkedHashMap in order of access from one in order of insertion. The map does not say; asking by access would
 * change it. But its Java serialization ends with that very field.
 */
final class AccessOrder {
    private AccessOrder() {}

    @SuppressWarnings("NonApiType") // Only that class has it.
    static boolean of(LinkedHashMap<?, ?> map) {
        LinkedHashMap<?, ?> empty = (LinkedHashMap<?, ?>) map.clone();
        empty.clear();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (ObjectOutputStream output = new EmbeddedOutput(bytes)) {
            output.writeObject(empty);
        } catch (IOException e) {
            throw new UncheckedIOException("an empty LinkedHashMap could not be written to memory", e);
        }
        byte[] written = bytes.toByteArray();
        return written[written.length - 1] == 1;
    }
}

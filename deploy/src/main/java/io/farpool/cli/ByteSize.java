package io.farpool.cli;

import io.farpool.coordinator.CoordinatorSettings;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 512m} and {@code 10g}, in bytes: powers of 1024, from 1m to 1,048,576g. */
class ByteSize implements ITypeConverter<Long> {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,7})([mMgG])");
    private static final long MAX_GIBIBYTES = 1L << 20;

    private final long maxBytes;
    private final String expected;

    ByteSize() {
        this(MAX_GIBIBYTES << 30, "512m or 10g, of at least 1m");
    }

    private ByteSize(long maxBytes, String expected) {
        this.maxBytes = maxBytes;
        this.expected = expected;
    }

    @Override
    public Long convert(String text) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
        if (matcher.matches()) {
            long bytes = Long.parseLong(matcher.group(1)) << (matcher.group(2).equalsIgnoreCase("g") ? 30 : 20);
            if (bytes > 0 && bytes <= maxBytes) {
                return bytes;
            }
        }
        throw new TypeConversionException("'" + text + "', expected a number with a unit, " + expected);
    }

    /** How much one client or worker may have on its way. */
    static final class StreamWindow extends ByteSize {
        StreamWindow() {
            super(
                    CoordinatorSettings.MAX_STREAM_WINDOW_BYTES,
                    "1m to " + (CoordinatorSettings.MAX_STREAM_WINDOW_BYTES >> 20) + "m");
        }
    }
}

package io.farpool.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 500ms}, {@code 30s}, {@code 5m} and {@code 1h}; at most a day. */
class DurationConverter implements ITypeConverter<Duration> {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Duration MAX = Duration.ofDays(1);

    private final Duration min;
    private final String expected;

    DurationConverter() {
        this(Duration.ZERO, "of at most 24h");
    }

    private DurationConverter(Duration min, String expected) {
        this.min = min;
        this.expected = expected;
    }

    @Override
    public Duration convert(String text) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            Duration duration =
                    switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        default -> Duration.ofHours(number);
                    };
            if (duration.compareTo(min) >= 0 && duration.compareTo(MAX) <= 0) {
                return duration;
            }
        }
        throw new TypeConversionException(
                "'" + text + "', expected a number with a unit, 500ms, 30s, 5m or 1h, " + expected);
    }

    /** One that may not be 0. */
    static final class AboveZero extends DurationConverter {
        AboveZero() {
            super(Duration.ofMillis(1), "above 0 and of at most 24h");
        }
    }
}

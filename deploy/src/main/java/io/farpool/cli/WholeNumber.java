package io.farpool.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an int and holds it to its bounds. */
abstract class WholeNumber implements ITypeConverter<Integer> {
    private final int min;
    private final int max;

    private WholeNumber(int min, int max) {
        this.min = min;
        this.max = max;
    }

    @Override
    public Integer convert(String text) {
        try {
            int value = Integer.parseInt(text.strip());
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, as any other wrong number.
        }
        throw new TypeConversionException("'" + text + "', expected a whole number from " + min + " to " + max);
    }

    /** A port to listen on; 0 lets the system choose one. */
    static final class ListenPort extends WholeNumber {
        ListenPort() {
            super(0, 65535);
        }
    }

    /** How many tasks a host runs at once. */
    static final class Slots extends WholeNumber {
        Slots() {
            super(1, 10_000);
        }
    }

    /** How many of something there may be at once. */
    static final class Amount extends WholeNumber {
        Amount() {
            super(1, 10_000_000);
        }
    }
}

package io.farpool.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Holds a host's name to what the wire contract allows. */
final class HostName implements ITypeConverter<String> {
    private static final int CHARACTERS_MAX = 200;

    @Override
    public String convert(String text) {
        if (text.isEmpty() || text.length() > CHARACTERS_MAX || text.chars().anyMatch(c -> c <= ' ' || c == 127)) {
            throw new TypeConversionException(
                    "'" + text + "', expected 1 to " + CHARACTERS_MAX + " characters without white space");
        }
        return text;
    }
}

package io.farpool.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a share of a whole, {@code 0.7} say: more than 0, at most 1. */
final class Share implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
        try {
            double share = Double.parseDouble(text.strip());
            if (share > 0 && share <= 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            // Said below, as any other wrong share.
        }
        throw new TypeConversionException("'" + text + "', expected a number above 0 and at most 1, as 0.7");
    }
}

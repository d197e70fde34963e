package io.farpool.bench.report;

import io.farpool.bench.harness.Statistics;
import java.util.Locale;

/** Numbers for people: three digits that count, thousands set apart. */
final class Figures {
    private Figures() {}

    static String of(double value) {
        double size = Math.abs(value);
        if (size >= 1_000) {
            double step = Math.pow(10, Math.floor(Math.log10(size)) - 2);
            return String.format(Locale.ROOT, "%,.0f", Math.round(value / step) * step);
        }
        if (size >= 100) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        if (size >= 10) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
        return String.format(Locale.ROOT, size >= 1 || size == 0 ? "%.2f" : "%.3f", value);
    }

    /** The median, and between which values the others lie. */
    static String of(Statistics statistics) {
        return of(statistics.median()) + " [" + of(statistics.min()) + "–" + of(statistics.max()) + "]";
    }
}

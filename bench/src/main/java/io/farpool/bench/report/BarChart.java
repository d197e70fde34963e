package io.farpool.bench.report;

import java.util.List;
import java.util.Locale;

/** Groups of horizontal bars as SVG, each group on a logarithmic scale of its own, with whiskers from the least to the most. */
public final class BarChart {
    private static final int WIDTH = 900;
    private static final int LABELS = 250;
    private static final int FIGURES = 90;
    private static final int BAR = 16;
    private static final int ROW = 22;
    private static final int HEADING = 34;
    private static final int MARGIN = 14;

    private BarChart() {}

    /**
     * One bar.
     *
     * @param label whose it is
     * @param emphasized drawn in the first colour
     */
    public record Bar(String label, double value, double min, double max, boolean emphasized) {}

    /** Bars that belong together. */
    public record Group(String title, List<Bar> bars) {}

    /** The whole picture. */
    public static String svg(String title, List<Group> groups) {
        int height = MARGIN * 2 + HEADING;
        for (Group group : groups) {
            height += HEADING + ROW * group.bars().size();
        }
        StringBuilder out = new StringBuilder();
        out.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">\n",
                WIDTH,
                height,
                WIDTH,
                height));
        out.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        text(out, MARGIN, MARGIN + 16, "font-size=\"16\" font-weight=\"bold\"", title);
        int y = MARGIN + HEADING;
        for (Group group : groups) {
            text(out, MARGIN, y + 18, "font-weight=\"bold\"", group.title());
            y += HEADING - 6;
            bars(out, group, y);
            y += ROW * group.bars().size() + 6;
        }
        return out.append("</svg>\n").toString();
    }

    private static void bars(StringBuilder out, Group group, int top) {
        double most = group.bars().stream().mapToDouble(Bar::max).max().orElse(1);
        double least = group.bars().stream().mapToDouble(Bar::min).min().orElse(1);
        int y = top;
        for (Bar bar : group.bars()) {
            text(out, LABELS - 8, y + 12, "text-anchor=\"end\"", bar.label());
            double end = x(bar.value(), least, most);
            out.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
                    LABELS,
                    y,
                    end - LABELS,
                    BAR,
                    bar.emphasized() ? "#1f6f54" : "#9aa5b1"));
            out.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#222222\"/>\n",
                    x(bar.min(), least, most),
                    y + BAR / 2,
                    x(bar.max(), least, most),
                    y + BAR / 2));
            text(out, x(Math.max(bar.value(), bar.max()), least, most) + 6, y + 12, "", Figures.of(bar.value()));
            y += ROW;
        }
    }

    /** From half of the least to the most. */
    private static double x(double value, double least, double most) {
        double from = Math.log10(Math.max(least, 1e-9)) - 0.3;
        double to = Math.max(Math.log10(Math.max(most, 1e-9)), from + 0.3);
        double share = (Math.log10(Math.max(value, 1e-9)) - from) / (to - from);
        return LABELS + Math.max(0, Math.min(1, share)) * (WIDTH - LABELS - FIGURES);
    }

    private static void text(StringBuilder out, double x, int y, String attributes, String text) {
        out.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" %s>", x, y, attributes))
                .append(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
                .append("</text>\n");
    }
}

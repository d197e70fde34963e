package io.farpool.bench.report;

import java.util.ArrayList;
import java.util.List;

/** A table of Markdown. For one thread. */
public final class MarkdownTable {
    private final List<String> columns;
    private final List<List<String>> rows = new ArrayList<>();

    /** With these headings. */
    public MarkdownTable(List<String> columns) {
        this.columns = List.copyOf(columns);
    }

    /** Adds a row, of as many cells as there are columns. */
    public void row(List<String> cells) {
        if (cells.size() != columns.size()) {
            throw new IllegalArgumentException(
                    "a row has " + cells.size() + " cells, expected " + columns.size() + ": " + cells);
        }
        rows.add(List.copyOf(cells));
    }

    /** The table, with a new line at its end. */
    public String text() {
        StringBuilder out = new StringBuilder();
        line(columns, out);
        line(columns.stream().map(column -> "---").toList(), out);
        rows.forEach(row -> line(row, out));
        return out.toString();
    }

    private static void line(List<String> cells, StringBuilder out) {
        for (String cell : cells) {
            out.append("| ").append(cell.replace("|", "\\|").replace("\n", " ")).append(' ');
        }
        out.append("|\n");
    }
}

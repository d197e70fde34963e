package io.farpool.bench.report;

import io.farpool.bench.harness.Statistics;
import java.util.ArrayList;
import java.util.List;

/** A Markdown table of figures, each with the least and the most. For one thread. */
public final class FigureTable {
    private final MarkdownTable table;

    /** With these headings: what the rows are, then the figures. */
    public FigureTable(List<String> columns) {
        table = new MarkdownTable(columns);
    }

    /** Adds a row. */
    public void row(String what, List<Statistics> figures) {
        List<String> cells = new ArrayList<>(List.of(what));
        figures.forEach(figure -> cells.add(Figures.of(figure)));
        table.row(cells);
    }

    /** The table. */
    public String text() {
        return table.text();
    }
}

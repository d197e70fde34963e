package io.farpool.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows under a heading, in columns as wide as they must be. A heading that begins with # is of numbers: right-aligned. */
final class TextTable {
    private final String[] headings;
    private final boolean[] rightAligned;
    private final List<String[]> rows = new ArrayList<>();

    TextTable(String... headings) {
        this.headings = headings.clone();
        this.rightAligned = new boolean[headings.length];
        for (int i = 0; i < headings.length; i++) {
            rightAligned[i] = headings[i].startsWith("#");
            this.headings[i] = rightAligned[i] ? headings[i].substring(1) : headings[i];
        }
        rows.add(this.headings);
    }

    void row(Object... cells) {
        if (cells.length != headings.length) {
            throw new IllegalArgumentException(cells.length + " cells, expected " + headings.length);
        }
        String[] row = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            String text = printable(String.valueOf(cells[i]));
            row[i] = text.isEmpty() ? "-" : text;
        }
        rows.add(row);
    }

    /** Names come from other machines: a terminal must not obey them. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    @Override
    public String toString() {
        int[] widths = new int[headings.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String padding = " ".repeat(widths[i] - row[i].length());
                line.append(i == 0 ? "" : "  ");
                line.append(rightAligned[i] ? padding + row[i] : row[i] + padding);
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }
}

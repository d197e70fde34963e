package io.farpool.bench.report;

import java.util.Collection;
import java.util.Map;

/** Maps, lists, numbers and texts as JSON. */
public final class Json {
    private Json() {}

    /** The text, indented, with a new line at its end. */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, "", out);
        return out.append('\n').toString();
    }

    private static void write(Object value, String indent, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(separator).append('\n').append(indent).append("  ");
                text(String.valueOf(entry.getKey()), out);
                out.append(": ");
                write(entry.getValue(), indent + "  ", out);
                separator = ",";
            }
            out.append(map.isEmpty() ? "{}" : "\n" + indent + "}");
        } else if (value instanceof Collection<?> collection) {
            String separator = "[";
            for (Object element : collection) {
                out.append(separator);
                write(element, indent, out);
                separator = ", ";
            }
            out.append(collection.isEmpty() ? "[]" : "]");
        } else if (value instanceof Double number && !Double.isFinite(number)) {
            out.append("null");
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            text(String.valueOf(value), out);
        }
    }

    private static void text(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}

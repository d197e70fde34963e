package io.farpool.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A part of a document that a program writes, between two comments that name it. */
public final class Section {
    private Section() {}

    /**
     * Replaces what stands between {@code <!-- bench:NAME -->} and {@code <!-- /bench:NAME -->}.
     *
     * @throws IOException when the document cannot be read or written, or has no such part
     */
    public static void replace(Path document, String name, String content) throws IOException {
        Files.writeString(document, replaced(Files.readString(document), name, content));
    }

    static String replaced(String document, String name, String content) throws IOException {
        String begin = "<!-- bench:" + name + " -->";
        String end = "<!-- /bench:" + name + " -->";
        int from = document.indexOf(begin);
        int to = document.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException("the document has no part between '" + begin + "' and '" + end + "'");
        }
        return document.substring(0, from + begin.length()) + "\n" + content.strip() + "\n" + document.substring(to);
    }
}

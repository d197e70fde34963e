package io.farpool.bench;

import io.farpool.bench.harness.Setup;
import io.farpool.bench.report.Json;
import io.farpool.bench.report.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where results go: raw and as text to {@code bench/target/report}, and what is fit for it into the documentation. */
final class Output {
    private Output() {}

    /** Of this module. */
    static Path directory() throws IOException {
        return Files.createDirectories(Setup.module().resolve("target/report"));
    }

    /** Leaves a report, says it, and puts it into a part of the documentation if it is fit for that. */
    static void report(String name, String part, String text, Map<String, Object> raw, boolean documented)
            throws IOException {
        Files.writeString(directory().resolve(name + ".md"), text);
        Files.writeString(directory().resolve(name + ".json"), Json.write(raw));
        System.out.println(text);
        if (documented) {
            document(part, text, null);
        }
    }

    /** Puts a part into {@code docs/performance.md}, and its picture, if any, beside it. */
    static void document(String part, String markdown, @Nullable String svg) throws IOException {
        Path documents = Setup.module().resolveSibling("docs");
        String picture = "performance-" + part + ".svg";
        if (svg != null) {
            Files.writeString(documents.resolve(picture), svg);
        }
        Section.replace(
                documents.resolve("performance.md"),
                part,
                svg == null ? markdown : markdown + "\n![The figures as bars](" + picture + ")\n");
        System.err.println("written: docs/performance.md, part '" + part + "'");
    }

    /** Whether a run may go into the documentation by itself. */
    static boolean documented(boolean quick, @Nullable Boolean asked, List<?> left) {
        return asked == null ? !quick && left.isEmpty() : asked;
    }
}

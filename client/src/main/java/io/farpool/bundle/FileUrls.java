package io.farpool.bundle;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code file:} URLs as class loaders read them: escaped (%20) or not, and a plus is a plus. */
final class FileUrls {
    private FileUrls() {}

    /** Null if it is not a file's. */
    static @Nullable Path pathOf(URL url) {
        String host = url.getHost();
        boolean isHere = host == null || host.isEmpty() || host.equals("localhost");
        if (!url.getProtocol().equals("file") || !isHere) {
            return null;
        }
        try {
            return new File(unescaped(url.getPath())).toPath().toAbsolutePath();
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** As above. */
    static @Nullable Path pathOf(String url) {
        try {
            return pathOf(new URL(url));
        } catch (MalformedURLException e) {
            return null;
        }
    }

    /** Not URLDecoder: that is for forms, and turns a plus into a blank. What is no escape stays as it is. */
    static String unescaped(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
            int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
            if (in[i] == '%' && high >= 0 && low >= 0) {
                out.write(high << 4 | low);
                i += 2;
            } else {
                out.write(in[i]);
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}

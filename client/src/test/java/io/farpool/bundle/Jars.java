package io.farpool.bundle;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes jars for tests. */
final class Jars {
    private Jars() {}

    /** A jar with one small resource, and a manifest if a class path is given. */
    static Path jar(Path file, String classPath) throws IOException {
        return jar(file, classPath, Map.of("content/" + file.getFileName(), "x".getBytes(StandardCharsets.UTF_8)));
    }

    /** A jar with a manifest and nothing else. */
    static Path manifestOnly(Path file, String classPath) throws IOException {
        return jar(file, classPath, Map.of());
    }

    static Path jar(Path file, String classPath, Map<String, byte[]> contents) throws IOException {
        Files.createDirectories(file.getParent());
        Map<String, byte[]> all = new LinkedHashMap<>();
        if (!classPath.isEmpty()) {
            Manifest manifest = new Manifest();
            manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
            manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            manifest.write(bytes);
            all.put("META-INF/MANIFEST.MF", bytes.toByteArray());
        }
        all.putAll(contents);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> content : all.entrySet()) {
                zip.putNextEntry(new ZipEntry(content.getKey()));
                zip.write(content.getValue());
                zip.closeEntry();
            }
        }
        return file;
    }

    /** The start of a class file. */
    static byte[] classFile(int major) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(0xCAFEBABE);
            out.writeShort(0);
            out.writeShort(major);
            out.writeLong(0);
        }
        return bytes.toByteArray();
    }
}

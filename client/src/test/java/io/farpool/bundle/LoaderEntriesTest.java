package io.farpool.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoaderEntriesTest {
    @TempDir
    Path directory;

    private final ClassLoader application = ClassLoader.getSystemClassLoader();

    private URL url(String name) throws IOException {
        return Jars.jar(directory.resolve(name), "").toUri().toURL();
    }

    @Test
    void aProgramsOwnLoaderComesBeforeItsParentsAndJavasComesLast() throws IOException {
        try (URLClassLoader tool = new URLClassLoader(new URL[] {url("tool.jar")}, application);
                URLClassLoader program = new URLClassLoader(new URL[] {url("pro gram.jar"), url("dep.jar")}, tool)) {
            List<Path> entries = LoaderEntries.of(program, application);

            assertThat(entries.subList(0, 3))
                    .containsExactly(
                            directory.resolve("pro gram.jar"),
                            directory.resolve("dep.jar"),
                            directory.resolve("tool.jar"));
            assertThat(entries.subList(3, entries.size()))
                    .isEqualTo(LoaderEntries.of(application, application))
                    .isNotEmpty();
        }
    }

    @Test
    void aRealmThatDoesNotSeeJavasClassPathIsNotGivenIt() throws IOException {
        try (URLClassLoader realm =
                new URLClassLoader(new URL[] {url("farpool.jar")}, ClassLoader.getPlatformClassLoader())) {
            assertThat(LoaderEntries.of(realm, realm)).containsExactly(directory.resolve("farpool.jar"));
            assertThat(LoaderEntries.of(null, realm)).containsExactly(directory.resolve("farpool.jar"));
        }
    }

    @Test
    void whatLoadedFarpoolIsThereEvenIfTheThreadsContextIsAnother() throws IOException {
        try (URLClassLoader farpool =
                        new URLClassLoader(new URL[] {url("farpool.jar")}, ClassLoader.getPlatformClassLoader());
                URLClassLoader other =
                        new URLClassLoader(new URL[] {url("other.jar")}, ClassLoader.getPlatformClassLoader())) {
            assertThat(LoaderEntries.of(other, farpool))
                    .containsExactly(directory.resolve("other.jar"), directory.resolve("farpool.jar"));
        }
    }

    @Test
    void jarUrlsOfWholeJarsArePathsToo() throws IOException {
        URL whole = new URL("jar:" + url("whole.jar") + "!/");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {whole}, null)) {
            assertThat(LoaderEntries.of(loader, loader)).containsExactly(directory.resolve("whole.jar"));
        }
    }

    @Test
    void aDirectoryWhoseNameEndsInAnExclamationMarkIsADirectory() throws IOException {
        Path classes = Files.createDirectories(directory.resolve("wow!/classes"));
        URL jar = url("wow!/inside.jar");
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {
                    classes.toUri().toURL(), jar, classes.getParent().toUri().toURL()
                },
                null)) {
            assertThat(LoaderEntries.of(loader, loader))
                    .containsExactly(classes, directory.resolve("wow!/inside.jar"), directory.resolve("wow!"));
        }
    }

    @Test
    void jarsAndClassesInsideAJarAreUnpackedInTheOrderOfTheUrls() throws Exception {
        Path inner = Jars.jar(directory.resolve("dep.jar"), "");
        Path boot = Jars.jar(
                directory.resolve("bo ot.jar"),
                "",
                Map.of(
                        "BOOT-INF/classes/app/Main.class", Jars.classFile(61),
                        "BOOT-INF/lib/dep.jar", Files.readAllBytes(inner)));
        String file = boot.toUri().getRawPath();
        for (String form : List.of("jar:nested:" + file + "/!BOOT-INF/$!/", "jar:file:" + file + "!/BOOT-INF/$!/")) {
            URL classes = nested(form.replace("$", form.contains("nested") ? "classes/" : "classes"));
            URL missing = nested(form.replace("$", "lib/missing.jar"));
            URL library = nested(form.replace("$", "lib/dep.jar"));
            try (URLClassLoader loader = new URLClassLoader(new URL[] {library, missing, classes}, application)) {
                List<Path> entries = LoaderEntries.of(loader, application);

                assertThat(entries.get(0)).hasFileName("dep.jar").hasSameBinaryContentAs(inner);
                assertThat(entries.get(1).resolve("app/Main.class")).hasBinaryContent(Jars.classFile(61));
                assertThat(entries.subList(2, entries.size())).isEqualTo(LoaderEntries.of(application, application));
                assertThat(LoaderEntries.of(loader, application))
                        .as("unpacked once")
                        .isEqualTo(entries);
            }
        }
    }

    @Test
    void theOuterJarStaysOnlyIfItHasClassesOfItsOwn() throws Exception {
        Map<String, byte[]> boot = Map.of(
                "org/springframework/boot/loader/launch/JarLauncher.class", Jars.classFile(61),
                "META-INF/versions/21/org/Any.class", Jars.classFile(65),
                "BOOT-INF/classes/app/Main.class", Jars.classFile(61));
        Map<String, byte[]> program =
                Map.of("app/Main.class", Jars.classFile(61), "plugins/p/Plugin.class", Jars.classFile(61));
        Path launcher = Jars.jar(directory.resolve("boot.jar"), "", boot);
        Path main = Jars.jar(directory.resolve("main.jar"), "", program);
        String before = System.getProperty("java.class.path");
        try {
            System.setProperty("java.class.path", launcher + File.pathSeparator + main);
            URL[] urls = {
                nested("jar:file:" + launcher + "!/BOOT-INF/classes!/"),
                nested("jar:file:" + main + "!/plugins/"),
                nested("jar:file:" + main + "!/missing/")
            };
            try (URLClassLoader loader = new URLClassLoader(urls, application)) {
                List<Path> entries = LoaderEntries.of(loader, application);
                assertThat(entries).hasSize(3).endsWith(main);
                assertThat(entries.get(1).resolve("p/Plugin.class")).exists();
            }
        } finally {
            System.setProperty("java.class.path", before);
        }
    }

    @Test
    void aNameThatLeadsOutOfTheUnpackedDirectoryIsRefused() throws Exception {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        contents.put("BOOT-INF/classes/first", new byte[] {1});
        contents.put("BOOT-INF/classes/../../../../slipped", new byte[] {1});
        Path boot = Jars.jar(directory.resolve("slip.jar"), "", contents);
        URL classes = nested("jar:nested:" + boot + "/!BOOT-INF/classes/!/");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {classes}, application)) {
            Set<Path> before = unpacked();
            for (int submit = 1; submit <= 2; submit++) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> LoaderEntries.of(loader, application))
                        .withMessageContaining(boot + " cannot be shipped: it holds an entry named"
                                + " 'BOOT-INF/classes/../../../../slipped', which leads out of its directory");
                assertThat(unpacked()).as("what is left of the first entry").isEqualTo(before);
            }
        }
    }

    private static Set<Path> unpacked() throws IOException {
        Path unpacked = NestedEntries.OF_THIS_JVM.directory();
        if (unpacked == null) {
            return Set.of();
        }
        try (Stream<Path> names = Files.list(unpacked)) {
            return names.filter(Files::isDirectory).collect(Collectors.toSet());
        }
    }

    @Test
    void whatIsInAJarThatIsItselfInsideAJarIsRefusedWithAWayOut() throws Exception {
        URL deep = nested("jar:nested:/app/boot.war/!WEB-INF/lib/a.jar!/b.jar!/");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {deep}, application)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> LoaderEntries.of(loader, application))
                    .withMessageContaining("the class path's entry " + deep + " is not directly inside a jar file")
                    .withMessageContaining("builder().classPath(…)");
        }
    }

    @Test
    void aJarThatCannotBeUnpackedIsNamed() throws Exception {
        Path broken = Files.writeString(directory.resolve("broken.jar"), "no jar");
        URL classes = nested("jar:nested:" + broken + "/!BOOT-INF/classes/!/");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {classes}, application)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> LoaderEntries.of(loader, application))
                    .withMessageStartingWith("the class path's entry " + broken + " cannot be read: ");
        }
    }

    /** Spring Boot's own protocol, which needs a handler to be made at all. */
    private static URL nested(String text) throws MalformedURLException {
        return new URL(null, text, new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) throws IOException {
                throw new IOException("not to be opened");
            }
        });
    }

    private static final class OpaqueLoader extends ClassLoader {
        OpaqueLoader(ClassLoader parent) {
            super(parent);
        }
    }

    @Test
    void aLoaderThatCannotBeListedMattersOnlyIfItLoadedFarpool() {
        ClassLoader opaque = new OpaqueLoader(application);
        assertThat(LoaderEntries.of(opaque, application)).isEqualTo(LoaderEntries.of(application, application));
        assertThatIllegalStateException()
                .isThrownBy(() -> LoaderEntries.of(application, opaque))
                .withMessageContaining("OpaqueLoader")
                .withMessageContaining("builder().classPath(…)");
    }
}

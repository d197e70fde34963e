package io.farpool.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.util.List;
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
    void jarsInsideAJarAreRefusedWithAWayOut() throws IOException {
        URL old = new URL("jar:" + url("boot.jar") + "!/BOOT-INF/lib/dep.jar!/");
        URL classes = new URL("jar:" + url("boot.jar") + "!/BOOT-INF/classes!/");
        for (URL url : List.of(old, classes, nested("nested:/app/boot.jar/!BOOT-INF/classes/"))) {
            try (URLClassLoader loader = new URLClassLoader(new URL[] {url}, application)) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> LoaderEntries.of(loader, application))
                        .withMessageContaining("jars inside a jar (" + url)
                        .withMessageContaining("builder().classPath(…)");
            }
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

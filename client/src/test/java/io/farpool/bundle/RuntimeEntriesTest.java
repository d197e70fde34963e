package io.farpool.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeEntriesTest {
    @TempDir
    Path directory;

    private final EntryCache cache = new EntryCache();
    private Path own;
    private Path protobuf;
    private Path app;
    private Path library;

    @BeforeEach
    void makeJars() throws IOException {
        own = jar("farpool.jar", "io/farpool/process/WorkerProcess.class", "META-INF/LICENSE", "farpool/v1/task.proto");
        protobuf = jar("protobuf.jar", "com/google/protobuf/Message.class", "google/protobuf/any.proto");
        app = jar("app.jar", "app/Main.class");
        library = jar("library.jar", "com/google/protobuf/util/JsonFormat.class", "com/google/gson/Gson.class");
    }

    private Path jar(String name, String... names) throws IOException {
        return jarNaming(name, "", names);
    }

    private Path jarNaming(String name, String classPath, String... names) throws IOException {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (String content : names) {
            contents.put(content, content.endsWith("/") ? new byte[0] : content.getBytes(StandardCharsets.UTF_8));
        }
        return Jars.jar(directory.resolve(name), classPath, contents);
    }

    private RuntimeEntries inFront(Path... classPath) {
        return RuntimeEntries.inFront(List.of(classPath), Set.of(own, protobuf), cache, false);
    }

    private void assertKept(Path... classPath) {
        assertThat(inFront(classPath)).isEqualTo(new RuntimeEntries(List.of(classPath), 0));
    }

    @Test
    void farpoolsJarsComeFirstAndTheOthersKeepTheirOrder() {
        assertThat(inFront(app, own, library, protobuf))
                .isEqualTo(new RuntimeEntries(List.of(own, protobuf, app, library), 2));
        assertThat(inFront(app, library, protobuf, own))
                .isEqualTo(new RuntimeEntries(List.of(protobuf, own, app, library), 2));
    }

    @Test
    void jarsUnderTheirPublishedNamesAreTakenForWhatTheyAre() throws IOException {
        own = jar("farpool-client-0.1.0-SNAPSHOT.jar", "io/farpool/process/WorkerProcess.class", "not.looked.at");
        protobuf = jar("protobuf-java-4.36.2.jar", "com/google/protobuf/Message.class");
        Path util = jar("protobuf-java-util-4.36.2.jar", "com/google/protobuf/util/JsonFormat.class");
        assertThat(inFront(app, util, own, protobuf))
                .isEqualTo(new RuntimeEntries(List.of(own, protobuf, app, util), 2));
        Path other = jar("protobuf-javalite-4.36.2.jar", "com/google/protobuf/MessageLite.class");
        assertKept(other, own, protobuf);
    }

    @Test
    void whatIsInFrontAlreadyIsOnlyCounted() throws IOException {
        assertThat(inFront(own, protobuf, app)).isEqualTo(new RuntimeEntries(List.of(own, protobuf, app), 2));
        Path uber = jar("uber.jar", "app/Main.class", "io/farpool/A.class", "com/google/protobuf/Message.class");
        assertThat(RuntimeEntries.inFront(List.of(uber, app), Set.of(uber), cache, false))
                .isEqualTo(new RuntimeEntries(List.of(uber, app), 1));
    }

    @Test
    void anUberJarIsNotMoved() throws IOException {
        Path uber = jar("uber.jar", "app/Main.class", "io/farpool/A.class", "com/google/protobuf/Message.class");
        assertThat(RuntimeEntries.inFront(List.of(app, uber), Set.of(uber), cache, false))
                .isEqualTo(new RuntimeEntries(List.of(app, uber), 0));
    }

    @Test
    void nothingIsMovedPastClassesOfTheSamePackages() throws IOException {
        Path patch = jar("patch.jar", "com/google/protobuf/Descriptors.class");
        Path patchWithDirectories =
                jar("patch2.jar", "META-INF/", "com/google/protobuf/", "com/google/protobuf/Descriptors.class");
        Path patchedClasses = directory.resolve("classes");
        Files.createDirectories(patchedClasses.resolve("com/google/protobuf"));
        Files.writeString(patchedClasses.resolve("com/google/protobuf/Descriptors.class"), "");
        assertKept(patch, own, protobuf);
        assertKept(patchWithDirectories, own, protobuf);
        assertKept(patchedClasses, own, protobuf);
        assertThat(inFront(app, own, protobuf, patch, patchedClasses).count()).isEqualTo(2);
    }

    @Test
    void aClassDirectoryOfTheProgramIsPassed() throws IOException {
        Path classes = Files.createDirectories(directory.resolve("classes").resolve("com/google"))
                .getParent()
                .getParent();
        assertThat(inFront(classes, own, protobuf)).isEqualTo(new RuntimeEntries(List.of(own, protobuf, classes), 2));
    }

    @Test
    void aJarThatOffersAServiceOrNamesOthersIsNotMoved() throws IOException {
        own = jar("farpool.jar", "io/farpool/A.class", "META-INF/services/java.lang.System$LoggerFinder");
        assertKept(app, own, protobuf);
        own = jarNaming("farpool2.jar", "app.jar", "io/farpool/A.class");
        assertKept(app, own, protobuf);
    }

    @Test
    void ofDirectoriesThereIsNoArchiveUnlessTheyArePacked() throws IOException {
        own = directory.resolve("classes");
        Files.createDirectories(own.resolve("io/farpool"));
        Files.writeString(own.resolve("io/farpool/A.class"), "");
        assertKept(app, own, protobuf);
        assertThat(RuntimeEntries.inFront(List.of(app, own, protobuf), Set.of(own, protobuf), cache, true))
                .isEqualTo(new RuntimeEntries(List.of(own, protobuf, app), 2));
    }

    @Test
    void whatAnExecutableJarsManifestNamesIsPutInFrontOfIt() throws IOException {
        Path executable = jarNaming("run.jar", "library.jar farpool.jar protobuf.jar app.jar", "run/Main.class");
        assertThat(inFront(executable)).isEqualTo(new RuntimeEntries(List.of(own, protobuf, executable), 2));
    }

    @Test
    void aClassPathWithoutFarpoolIsLeftAlone() throws IOException {
        assertKept(app, library);
        assertKept(app, own);
        Path broken = Files.writeString(directory.resolve("broken.jar"), "no jar");
        assertKept(broken, app);
        assertThat(RuntimeEntries.inFront(List.of(app), Set.of(), cache, false))
                .isEqualTo(new RuntimeEntries(List.of(app), 0));
    }

    @Test
    void aLinkToAJarIsThatJar() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link.jar"), own);
        assertThat(inFront(app, link, protobuf)).isEqualTo(new RuntimeEntries(List.of(link, protobuf, app), 2));
    }

    @Test
    void thisBuildsOwnClassesAreDirectoriesAndHaveNoArchiveInPlace() {
        ClassPathBundle bundle = ClassPathBundle.ofThisJvm();
        assertThat(bundle.inPlace().getRuntimeEntries()).isZero();
        assertThat(bundle.inPlace().getEntriesList())
                .extracting(entry -> Path.of(entry.getName()))
                .isEqualTo(bundle.entries());
    }
}

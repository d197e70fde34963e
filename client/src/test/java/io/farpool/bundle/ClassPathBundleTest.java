package io.farpool.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.BundleEntry;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassPathBundleTest {
    @TempDir
    Path directory;

    private final EntryCache cache = new EntryCache();

    private Path jar(String name) throws IOException {
        return Jars.jar(directory.resolve(name), "");
    }

    private Path file(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    /** The names of what is shipped, in order. */
    private List<String> shipped(Path... classPath) throws IOException {
        try (PackedBundle packed = packed(classPath)) {
            return packed.entries().stream().map(PackedBundle.Entry::name).toList();
        }
    }

    private PackedBundle packed(Path... classPath) throws IOException {
        return PackedBundle.of(ClassPathBundle.of(List.of(classPath)).entries(), cache);
    }

    @Test
    void thisJvmsClassPathHoldsTheTestsAndTheLibrariesButNotTheJdk() throws IOException {
        ClassPathBundle bundle = ClassPathBundle.ofThisJvm();

        assertThat(bundle.entries())
                .allMatch(Path::isAbsolute)
                .allMatch(Files::exists)
                .doesNotHaveDuplicates()
                .noneMatch(entry -> entry.startsWith(System.getProperty("java.home")))
                .anyMatch(entry -> entry.endsWith("test-classes"))
                .anyMatch(entry -> entry.toString().contains("kryo"));
        assertThat(bundle.inPlace().getEntriesList())
                .allMatch(entry -> !entry.hasDigest())
                .extracting(BundleEntry::getName)
                .containsExactlyElementsOf(
                        bundle.entries().stream().map(Path::toString).toList());
        try (PackedBundle packed = bundle.pack()) {
            assertThat(packed.entries()).allSatisfy(entry -> {
                assertThat(entry.file()).isRegularFile().hasSize(entry.digest().sizeBytes());
                assertThat(BlobDigest.ofFile(entry.file())).isEqualTo(entry.digest());
            });
            assertThat(packed.classFileMajorVersion()).isEqualTo(61);
            assertThat(packed.sizeBytes()).isGreaterThan(1_000_000);
            assertThat(packed.bundle().getEntriesList())
                    .allMatch(BundleEntry::hasDigest)
                    .noneMatch(entry -> entry.getName().contains("/"))
                    .extracting(BundleEntry::getName)
                    .anyMatch(name -> name.matches("test-classes-[0-9]+\\.jar"));
        }
    }

    @Test
    void theOrderStaysTheFirstOfEqualOnesIsKeptAndMissingOnesAreLeftOut() throws IOException {
        Path b = jar("b.jar");
        Path a = jar("a.jar");
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling.jar"), directory.resolve("nowhere.jar"));
        ClassPathBundle bundle = ClassPathBundle.of(List.of(
                b,
                directory.resolve("missing.jar"),
                dangling,
                a,
                b,
                directory.resolve("x/../a.jar"),
                directory.resolve("missing")));

        assertThat(bundle.entries()).containsExactly(b, a);
        assertThat(bundle.plus(List.of(a, jar("c.jar"))).entries()).containsExactly(b, a, directory.resolve("c.jar"));
    }

    @Test
    void aStepUpDoesNotMakeAnotherEntryOfTheSameFile() throws IOException {
        Path a = jar("a.jar").toRealPath();
        Files.createDirectory(directory.resolve("x"));
        assertThat(ClassPathBundle.of(List.of(a, directory.toRealPath().resolve("x/../a.jar")))
                        .entries())
                .containsExactly(a);
    }

    @Test
    void aStarStandsForTheJarsOfADirectory() throws IOException {
        Path two = jar("lib/two.jar");
        Path one = jar("lib/one.JAR");
        file("lib/readme.txt", "no jar");
        assertThat(ClassPathBundle.of(List.of(directory.resolve("lib/*"), directory.resolve("none/*")))
                        .entries())
                .containsExactly(one, two);
    }

    @Test
    void whatAManifestNamesComesRightAfterItsJar() throws IOException {
        Path c = Jars.jar(directory.resolve("deep/c.jar"), "../d.jar");
        jar("d.jar");
        Path e = jar("with blank+plus é.jar");
        Path absolute = jar("elsewhere/absolute.jar");
        file("classes/resource.txt", "here");
        Path a = Jars.jar(
                directory.resolve("a.jar"),
                "deep/c.jar with%20blank+plus%20%C3%A9.jar missing.jar " + absolute.toUri()
                        + " classes/ a.jar http://example.invalid/x.jar %zz.jar");
        Path last = jar("last.jar");

        assertThat(shipped(a, last, c, e))
                .containsExactly(
                        "a.jar", "c.jar", "d.jar", "with blank+plus é.jar", "absolute.jar", "classes.jar", "last.jar");
    }

    @Test
    void aManifestsDirectoryNeedsItsSlashAndAJarMustNotHaveOne() throws IOException {
        file("classes/x", "");
        jar("x.jar");
        Path a = Jars.jar(directory.resolve("a.jar"), "classes x.jar/");
        assertThat(shipped(a)).containsExactly("a.jar");
    }

    @Test
    void aJarThatOnlyCarriesAClassPathIsFollowedAndNotShipped() throws IOException {
        Path real = jar("real.jar");
        file("classes/x", "");
        Path booter = Jars.manifestOnly(
                directory.resolve("surefirebooter.jar"),
                real.toUri() + " " + directory.resolve("classes").toUri());
        Path emptyManifest = Jars.manifestOnly(directory.resolve("empty.jar"), "missing.jar");

        assertThat(shipped(booter)).containsExactly("real.jar", "classes.jar");
        assertThat(ClassPathBundle.of(List.of(booter)).entries()).containsExactly(booter);
        assertThat(shipped(emptyManifest)).isEmpty();
    }

    @Test
    void aDirectoryIsPackedWithItsResourcesTheSameWayWhereverAndWheneverItIs() throws IOException {
        file("one/app/Main.class", "class");
        file("one/app/data.properties", "a=b");
        file("one/META-INF/services/x.Y", "z");
        Files.createDirectories(directory.resolve("one/app/empty"));
        file("two/META-INF/services/x.Y", "z");
        Files.createDirectories(directory.resolve("two/app/empty"));
        file("two/app/data.properties", "a=b");
        Files.setLastModifiedTime(file("two/app/Main.class", "class"), FileTime.fromMillis(1_000_000_000_000L));

        try (PackedBundle one = packed(directory.resolve("one"));
                PackedBundle two = packed(directory.resolve("two"))) {
            assertThat(one.entries().get(0).digest())
                    .isEqualTo(two.entries().get(0).digest());
            try (ZipFile zip = new ZipFile(one.entries().get(0).file().toFile())) {
                assertThat(zip.stream().map(ZipEntry::getName))
                        .containsExactly(
                                "META-INF/",
                                "META-INF/services/",
                                "META-INF/services/x.Y",
                                "app/",
                                "app/Main.class",
                                "app/data.properties",
                                "app/empty/");
                assertThat(zip.getInputStream(zip.getEntry("app/data.properties")))
                        .hasContent("a=b");
                assertThat(zip.stream().map(ZipEntry::getExtra)).containsOnlyNulls();
            }
        }
        // Pinned, so that a change of JDK or of this code that makes other bytes of the same files is noticed.
        file("pinned/a", "hello");
        try (PackedBundle pinned = packed(directory.resolve("pinned"))) {
            assertThat(pinned.entries().get(0).digest().toString())
                    .isEqualTo("sha256:8d5bec978a41b06cfa7c6f414f6d7482777b758de2ae99277abecae118a7d872 (105 bytes)");
        }
    }

    @Test
    void aDirectoryNamedLikeAJarIsADirectory() throws IOException {
        file("odd.jar/resource", "x");
        assertThat(shipped(directory.resolve("odd.jar"))).containsExactly("odd.jar.jar");
    }

    @Test
    void aLinkInADirectoryIsFollowedOnceAndOneThatLeadsNowhereIsLeftOut() throws IOException {
        file("elsewhere/linked.txt", "linked");
        file("classes/a.txt", "a");
        Files.createSymbolicLink(directory.resolve("classes/sub"), directory.resolve("elsewhere"));
        Files.createSymbolicLink(directory.resolve("classes/loop"), directory.resolve("classes"));
        Files.createSymbolicLink(directory.resolve("classes/nowhere"), directory.resolve("nowhere"));
        try (PackedBundle packed = packed(directory.resolve("classes"));
                ZipFile zip = new ZipFile(packed.entries().get(0).file().toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName)).containsExactly("a.txt", "sub/", "sub/linked.txt");
        }
    }

    @Test
    void ofALargerDirectoryOnlyTheJarThatHoldsAnEditedFileChanges() throws IOException {
        Random random = new Random(1);
        Path classes = directory.resolve("classes");
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 400; i++) {
            byte[] content = new byte[1_000 + random.nextInt(5_000)];
            random.nextBytes(content);
            String name = "app/part" + i % 7 + "/Class" + i + ".class";
            names.add(name);
            Files.createDirectories(classes.resolve(name).getParent());
            Files.write(classes.resolve(name), content);
        }
        try (PackedBundle before = packed(classes)) {
            assertThat(before.entries()).hasSizeBetween(10, 100);
            assertThat(before.entries().get(1).name()).isEqualTo("classes-2.jar");
            Set<String> packed = new TreeSet<>();
            for (PackedBundle.Entry entry : before.entries()) {
                try (ZipFile zip = new ZipFile(entry.file().toFile())) {
                    assertThat(zip.getEntry("app/"))
                            .as("each finds its packages")
                            .isNotNull();
                    zip.stream().filter(file -> !file.isDirectory()).forEach(file -> assertThat(
                                    packed.add(file.getName()))
                            .as(file.getName())
                            .isTrue());
                }
            }
            assertThat(packed).isEqualTo(names);

            file("classes/app/part3/Class3.class", "edited");
            try (PackedBundle after = packed(classes)) {
                assertThat(changedBytes(before, after)).isBetween(1L, before.sizeBytes() / 8);
            }
            file("classes/app/part3/ANewClass.class", "new");
            Files.delete(classes.resolve("app/part6/Class6.class"));
            try (PackedBundle after = packed(classes)) {
                assertThat(changedBytes(before, after)).isBetween(1L, before.sizeBytes() / 4);
            }
        }
    }

    @Test
    void theMoreDirectoriesThereAreTheFewerJarsIsEach() throws IOException {
        assertThat(IntStream.of(0, 1, 64, 65, 128, 129, 400, 9_000)
                        .map(DirectoryPacker::partsEach)
                        .toArray())
                .containsExactly(16, 16, 16, 8, 8, 4, 2, 1);

        List<Path> all = new ArrayList<>();
        for (int i = 0; i < 129; i++) {
            Path classes = Files.createDirectory(directory.resolve("classes" + i));
            for (int k = 0; k < 16; k++) {
                Files.write(classes.resolve("Class" + k), new byte[8 << 10]);
            }
            all.add(classes);
        }
        DirectoryPacker one = DirectoryPacker.of(all.get(0));
        assertThat(one.parts(4).size()).isLessThan(one.parts(16).size());
        try (PackedBundle packed = packed(all.get(0))) {
            assertThat(packed.entries()).hasSameSizeAs(one.parts(16));
        }
        try (PackedBundle packed = PackedBundle.of(all, cache)) {
            assertThat(packed.entries()).hasSize(129 * one.parts(4).size());
        }
    }

    private static long changedBytes(PackedBundle before, PackedBundle after) {
        Set<BlobDigest> known =
                before.entries().stream().map(PackedBundle.Entry::digest).collect(Collectors.toSet());
        return after.entries().stream()
                .map(PackedBundle.Entry::digest)
                .filter(digest -> !known.contains(digest))
                .mapToLong(BlobDigest::sizeBytes)
                .sum();
    }

    @Test
    void signaturesOfAnUnpackedJarAndEmptyDirectoriesDoNoHarm() throws IOException {
        file("classes/META-INF/A.SF", "signed");
        file("classes/META-INF/a.rsa", "signed");
        file("classes/META-INF/services/x.SF", "a service");
        Files.createDirectories(directory.resolve("classes/z/empty"));
        Files.createDirectories(directory.resolve("nothing"));
        try (PackedBundle packed = packed(directory.resolve("classes"), directory.resolve("nothing"));
                ZipFile zip = new ZipFile(packed.entries().get(0).file().toFile())) {
            assertThat(packed.entries()).hasSize(2);
            assertThat(zip.stream().map(ZipEntry::getName))
                    .containsExactly("META-INF/", "META-INF/services/", "META-INF/services/x.SF", "z/", "z/empty/");
        }
    }

    @Test
    void aDirectoryIsPackedAgainOnlyWhenSomethingInItHasChanged() throws IOException {
        Path classes = file("classes/a.txt", "before").getParent();
        Path firstJar;
        Path secondJar;
        try (PackedBundle first = packed(classes);
                PackedBundle same = packed(classes)) {
            firstJar = first.entries().get(0).file();
            assertThat(same.entries()).isEqualTo(first.entries());
            file("classes/a.txt", "after!!");
            try (PackedBundle second = packed(classes)) {
                secondJar = second.entries().get(0).file();
                assertThat(secondJar).isNotEqualTo(firstJar);
                assertThat(second.entries().get(0).digest())
                        .isNotEqualTo(first.entries().get(0).digest());
                assertThat(firstJar).as("still in use by the first").exists();
            }
        }
        assertThat(firstJar).doesNotExist();
        assertThat(secondJar).as("kept for the next pool").exists();
    }

    @Test
    void aJarsDigestIsComputedAgainWhenTheJarHasChanged() throws IOException {
        Path jar = jar("a.jar");
        BlobDigest before = cache.digest(jar);
        assertThat(cache.digest(jar)).isSameAs(before);
        Jars.jar(jar, "", Map.of("other", new byte[100]));
        assertThat(cache.digest(jar)).isNotEqualTo(before).isEqualTo(BlobDigest.ofFile(jar));
    }

    @Test
    void aBrokenJarIsNamedWithTheReason() throws IOException {
        Path broken = file("broken.jar", "this is no zip at all");
        Path cut = jar("cut.zip");
        byte[] bytes = Files.readAllBytes(cut);
        Files.write(cut, Arrays.copyOf(bytes, bytes.length - 10));
        for (Path entry : List.of(broken, cut, file("empty.jar", ""))) {
            assertThatThrownBy(() -> packed(jar("good.jar"), entry))
                    .isInstanceOf(UnreadableEntryException.class)
                    .hasMessageStartingWith("the class path's entry " + entry + " cannot be read: ")
                    .hasMessageContaining("zip");
        }
        // In place nothing is opened: java itself ignores a broken jar.
        assertThat(ClassPathBundle.of(List.of(broken)).inPlace().getEntriesCount())
                .isEqualTo(1);
    }

    @Test
    void whatIsNoJarByNameOrContentDoesNothingInAClassPathAndIsLeftOut() throws IOException {
        assertThat(shipped(file("parent.pom", "<project/>"), file("empty.so", ""), jar("a.zip")))
                .containsExactly("a.zip");
    }

    @Test
    void aDirectoryTooLargeToBeClassesIsRefused() throws IOException {
        Path home = Files.createDirectory(directory.resolve("home"));
        try (RandomAccessFile sparse =
                new RandomAccessFile(home.resolve("disk.img").toFile(), "rw")) {
            sparse.setLength(DirectoryPacker.MAX_BYTES + 1);
        }
        assertThatThrownBy(() -> packed(home))
                .isInstanceOf(UnreadableEntryException.class)
                .hasMessageContaining(home.toString())
                .hasMessageContaining("builder().classPath(…)");
    }

    @Test
    void theNewestFirstClassDecidesWhatJdkIsNeeded() throws IOException {
        int own = ClassPathBundle.classFileMajorVersionOfThisJvm();
        Path java8 = Jars.jar(directory.resolve("java8.jar"), "", Map.of("a/A.class", Jars.classFile(52)));
        Path multiRelease = Jars.jar(
                directory.resolve("multi.jar"), "", Map.of("META-INF/versions/99/a/A.class", Jars.classFile(143)));
        Path newer = Jars.jar(directory.resolve("newer.jar"), "", Map.of("A.class", Jars.classFile(own + 5)));
        Files.createDirectories(directory.resolve("classes"));
        Files.write(directory.resolve("classes/A.class"), Jars.classFile(55));
        Path classes = directory.resolve("classes");

        assertThat(major(java8)).isEqualTo(52);
        assertThat(major(java8, multiRelease, classes)).isEqualTo(55);
        assertThat(major(newer)).as("this JVM runs without it").isEqualTo(own);
        assertThat(major(jar("none.jar"))).isEqualTo(own);
        assertThat(own).isGreaterThanOrEqualTo(61);
    }

    private int major(Path... classPath) throws IOException {
        try (PackedBundle packed = packed(classPath)) {
            return packed.classFileMajorVersion();
        }
    }

    @Test
    void aClassPathsTextIsReadAsJavaDoes() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        assertThat(ClassPathText.elements("a.jar" + File.pathSeparator + File.pathSeparator + "/b"))
                .containsExactly(here.resolve("a.jar"), here, Path.of("/b"));
        assertThat(ApplicationLoader.entries("", "", false)).containsExactly(here);
        assertThat(ApplicationLoader.entries("", "", true)).isEmpty();

        Path modules = jar("modules/m.jar").getParent();
        Path exploded = file("exploded/module-info.class", "").getParent();
        assertThat(ApplicationLoader.entries(
                        "/a.jar", modules + File.pathSeparator + exploded + File.pathSeparator + "/m.jar", true))
                .containsExactly(Path.of("/a.jar"), modules.resolve("m.jar"), exploded, Path.of("/m.jar"));
    }
}

package io.farpool.snippet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.farpool.NotSerializableTaskException;
import io.farpool.RemoteCallable;
import io.farpool.codec.Codec;
import io.farpool.codec.PayloadCodec;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.session.KeepAlive;
import io.farpool.session.LogDelivery;
import io.farpool.session.PayloadDirectory;
import io.farpool.session.Session;
import io.farpool.session.SessionSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryTaskTest {
    @TempDir
    Path directory;

    private final Snippets snippets = new Snippets();
    private final Codec codec = new Codec(snippets);

    /** Compiles into memory, and gives bytes as JShell's loader does: as resources at addresses of its own. */
    private static final class Snippets extends URLClassLoader {
        private final Map<String, byte[]> classes = new LinkedHashMap<>();

        Snippets() {
            super(new URL[0], MemoryTaskTest.class.getClassLoader());
        }

        /** Sources by their classes' names; each in a package {@code snippet}. */
        void compile(Map<String, String> sources) {
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            List<JavaFileObject> units = new ArrayList<>();
            sources.forEach((name, source) -> units.add(
                    new SimpleJavaFileObject(
                            URI.create("memory:/snippet/" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                        @Override
                        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                            return "package snippet; " + source;
                        }
                    }));
            JavaFileManager files = new ForwardingJavaFileManager<>(compiler.getStandardFileManager(null, null, null)) {
                @Override
                public JavaFileObject getJavaFileForOutput(
                        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
                    return new SimpleJavaFileObject(URI.create("memory:/" + className), kind) {
                        @Override
                        public OutputStream openOutputStream() {
                            return new ByteArrayOutputStream() {
                                @Override
                                public void close() {
                                    classes.put(className, toByteArray());
                                }
                            };
                        }
                    };
                }
            };
            List<String> options = List.of("-proc:none", "-classpath", System.getProperty("java.class.path"));
            assertThat(compiler.getTask(null, files, null, options, null, units).call())
                    .isTrue();
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes = classes.get(name);
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }

        @Override
        public URL findResource(String name) {
            byte[] bytes = name.endsWith(".class")
                    ? classes.get(
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    : null;
            if (bytes == null) {
                return null;
            }
            try {
                return new URL(null, "memory:/" + name, new URLStreamHandler() {
                    @Override
                    protected URLConnection openConnection(URL url) {
                        return new URLConnection(url) {
                            @Override
                            public void connect() {}

                            @Override
                            public InputStream getInputStream() {
                                return new ByteArrayInputStream(bytes);
                            }
                        };
                    }
                });
            } catch (MalformedURLException e) {
                throw new IllegalStateException(e);
            }
        }

        Class<?> type(String name) throws ClassNotFoundException {
            return Class.forName("snippet." + name, true, this);
        }

        Callable<?> task() throws ReflectiveOperationException {
            return (Callable<?>) type("Snippet").getMethod("task").invoke(null);
        }
    }

    private static final String SNIPPET =
            "public class Snippet { public static io.farpool.RemoteCallable<?> task() { return () -> %s; } }";

    /** Made from the bytes, as in a worker process, which has none of the classes. */
    private static MemoryTask<?> arrived(byte[] bytes) {
        return (MemoryTask<?>) new Codec(MemoryTaskTest.class.getClassLoader()).decode(bytes);
    }

    private MemoryTask<?> sent(Callable<?> task) {
        return arrived(encode(codec, task));
    }

    @Test
    void aTaskOfOrdinaryClassesIsEncodedAsItIs() {
        RemoteCallable<String> task = () -> "ordinary";
        assertThat(MemoryClasses.isInMemory(MemoryTaskTest.class)).isFalse();
        assertThat(MemoryClasses.isInMemory(String.class)).isFalse();
        assertThat(MemoryClasses.isInMemory(task.getClass())).isFalse();
        assertThat(encode(codec, task)).isEqualTo(codec.encode(task));
    }

    @Test
    void aTaskBringsTheClassesItNeedsAndNoOthers() throws Exception {
        snippets.compile(Map.of(
                "Snippet",
                SNIPPET.formatted("new Point(1, Helper.twice(2)).toString()"),
                "Helper",
                "class Helper { static int twice(int n) { return Deep.times(2, n); } }",
                "Deep",
                "class Deep { static int times(int a, int b) { return a * b; } }",
                "Point",
                "record Point(int x, int y) {}",
                "Unused",
                "class Unused {}"));

        assertThat(MemoryClasses.needed(List.of(snippets.type("Snippet"))).keySet())
                .extracting(Class::getSimpleName)
                .containsExactlyInAnyOrder("Snippet", "Helper", "Deep", "Point");
        assertThat(sent(snippets.task()).call()).isEqualTo("Point[x=1, y=4]");
        assertThat(Thread.currentThread().getContextClassLoader()).isNotInstanceOf(MemoryLoader.class);
    }

    @Test
    void variablesTravelAsTheyAreButForWhatCannotBeSerialized() throws Exception {
        snippets.compile(Map.of(
                "Snippet",
                SNIPPET.formatted("Variables.list.get(0) + \" \" + Variables.thread"),
                "Variables",
                "public class Variables { public static java.util.List<Object> list; public static Thread thread; }",
                "Point",
                "record Point(int x, int y) {}"));
        Class<?> variables = snippets.type("Variables");
        var point = snippets.type("Point").getDeclaredConstructor(int.class, int.class);
        point.setAccessible(true);
        variables.getField("list").set(null, new ArrayList<>(List.of(point.newInstance(1, 2))));
        variables.getField("thread").set(null, Thread.currentThread());

        MemoryTask<?> before = sent(snippets.task());
        variables.getField("list").set(null, List.of("another"));
        MemoryTask<?> after = sent(snippets.task());

        assertThat(before.call()).isEqualTo("Point[x=1, y=2] null");
        assertThat(after.call()).isEqualTo("another null");
    }

    @Test
    void staticStateStaysUntilAClassIsChanged() throws Exception {
        snippets.compile(Map.of("Snippet", SNIPPET.formatted("Count.next()"), "Count", count("1")));
        assertThat(sent(snippets.task()).call()).isEqualTo(1);
        assertThat(sent(snippets.task()).call()).isEqualTo(2);

        Snippets more = new Snippets();
        more.classes.putAll(snippets.classes);
        more.compile(Map.of(
                "Other",
                "public class Other { public static io.farpool.RemoteCallable<?> task() {"
                        + " return () -> Count.next(); } static class Count { static int next() { return 7; } } }"));
        Callable<?> other = (Callable<?>) more.type("Other").getMethod("task").invoke(null);
        assertThat(arrived(encode(new Codec(more), other)).call()).isEqualTo(7);
        assertThat(sent(snippets.task()).call()).as("classes were added").isEqualTo(3);

        Snippets changed = new Snippets();
        changed.compile(Map.of("Snippet", SNIPPET.formatted("Count.next()"), "Count", count("100")));
        assertThat(arrived(encode(new Codec(changed), changed.task())).call()).isEqualTo(100);
    }

    /** Its state is in a final field, which does not travel. */
    private static String count(String step) {
        return "class Count { static final int[] count = new int[1]; static int next() { count[0] += " + step
                + "; return count[0]; } }";
    }

    @Test
    void inTheClientTheTaskIsHadBackWithTheClassesThereAre() throws Exception {
        snippets.compile(Map.of("Snippet", SNIPPET.formatted("Snippet.class")));
        MemoryTask<?> task = (MemoryTask<?>) codec.decode(encode(codec, snippets.task()));
        assertThat(task.callable(codec).call()).isSameAs(snippets.type("Snippet"));
        assertThat(task.call()).isNotSameAs(snippets.type("Snippet"));
    }

    @Test
    void aLargeTaskLeavesOneFileAndNoneOfHowItWasEncodedFirst() throws Exception {
        snippets.compile(Map.of(
                "Snippet",
                "public class Snippet { public static io.farpool.RemoteCallable<?> task() {"
                        + " byte[] large = new byte[2 << 20]; return () -> large.length; } }"));
        Set<Path> named = new LinkedHashSet<>();
        PayloadCodec.Place place = new PayloadCodec.Place() {
            @Override
            public Path newFile() {
                Path file = directory.resolve("file-" + named.size());
                named.add(file);
                return file;
            }

            @Override
            public void discard(Path file) {
                named.remove(file);
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        Payload payload = MemoryTask.encode(new PayloadCodec(codec, place, 1 << 20), snippets.task(), "the task");

        Path file = PayloadFile.of(payload.getReference()).path();
        assertThat(named).as("whoever gave it counts it no more").containsExactly(file);
        assertThat(directory).isDirectoryContaining(file::equals);
        assertThat(arrived(Files.readAllBytes(file)).call()).isEqualTo(2 << 20);
    }

    @Test
    void aVariableThatThereIsNoMemoryForFailsTheTaskInsteadOfBecomingNull() throws Exception {
        snippets.compile(Map.of(
                "Snippet",
                SNIPPET.formatted("Variables.large"),
                "Variables",
                "public class Variables { public static Object large = new Large(); }",
                "Large",
                "class Large implements java.io.Serializable { private void writeObject(java.io.ObjectOutputStream out)"
                        + " { throw new OutOfMemoryError(\"pretended\"); } }"));
        Callable<?> task = snippets.task();
        assertThatExceptionOfType(NotSerializableTaskException.class)
                .isThrownBy(() -> encode(codec, task))
                .withMessageContaining("pretended");
    }

    @Test
    void aValueOfASnippetsClassIsNotShared() throws Exception {
        snippets.compile(Map.of("Point", "public record Point(int x, int y) {}"));
        Object point =
                snippets.type("Point").getConstructor(int.class, int.class).newInstance(1, 2);
        PayloadDirectory payloads = new PayloadDirectory();
        Session session = new Session(
                new SessionSettings(
                        "test", ProcessSpec.getDefaultInstance(), 1, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                threads -> {
                    throw new IllegalStateException("nothing is to be opened");
                },
                new PayloadCodec(codec, payloads, 1 << 20),
                payloads,
                new LogDelivery(line -> {}),
                new KeepAlive("keeping-alive"));
        try {
            assertThatExceptionOfType(NotSerializableTaskException.class)
                    .isThrownBy(() -> session.share(List.of(point)))
                    .withMessageContaining("class snippet.Point")
                    .withMessageContaining("capture the value itself");
            assertThat(session.share(List.of(1)).get()).isEqualTo(List.of(1));
        } finally {
            session.closeWhenDone();
            assertThat(session.awaitEnded(TimeUnit.SECONDS.toNanos(30))).isTrue();
        }
    }

    @Test
    void damagedClassesAreSaidToBeSo() throws IOException {
        MemoryTask<String> damaged = new MemoryTask<>(new byte[] {1, 2, 3}, new byte[0]);
        assertThat(catchThrowable(damaged::call)).hasMessageStartingWith("a task's classes cannot be unpacked: ");
    }

    private static byte[] encode(Codec codec, Callable<?> task) {
        PayloadCodec.Place nowhere = new PayloadCodec.Place() {
            @Override
            public Path newFile() throws IOException {
                throw new IOException("none of these is large");
            }

            @Override
            public void discard(Path file) {}
        };
        return MemoryTask.encode(new PayloadCodec(codec, nowhere, 1 << 20), task, "the task")
                .getInline()
                .toByteArray();
    }
}

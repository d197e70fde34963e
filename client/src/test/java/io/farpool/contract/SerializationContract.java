package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.farpool.LogLine;
import io.farpool.NotSerializableTaskException;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessContext;
import io.farpool.RemoteTaskException;
import io.farpool.codec.Values;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Contract lines 9, 10 and 37 to 39. */
abstract class SerializationContract extends Contract {
    /** This one counts in a static, which says nothing of another process. */
    private static final String ONLY_IN_ONE_PROCESS = "constructors do not run";

    @Override
    protected abstract ProcessBackend backend();

    @TestFactory
    @DisplayName("37. 38. 39. through a worker process and back")
    Stream<DynamicTest> survivesTheWayThroughAWorkerProcess() {
        PoolExecutor pool = sharedPool(1);
        return Values.all().stream()
                .filter(value -> !value.name().equals(ONLY_IN_ONE_PROCESS))
                .map(value -> dynamicTest(value.name(), () -> {
                    Object sent = value.make().call();
                    value.check()
                            .check(
                                    sent,
                                    pool.submit(SerializationContract::same, sent)
                                            .result());
                }));
    }

    @TestFactory
    @DisplayName("37. 38. 39. through a worker process of another JDK and back, with nothing on its stderr")
    Stream<DynamicTest> survivesTheWayThroughAnotherJdk() {
        Jdk other = Jdk.newestBut(Runtime.version().feature());
        assumeTrue(other != null, "SKIPPED: there is no second JDK of 17 or newer on this machine to run processes on");
        Queue<LogLine> lines = new ConcurrentLinkedQueue<>();
        PoolExecutor pool = ended(backend()
                .builder(1)
                .processContext(ProcessContext.defaults().javaHome(other.home()))
                .onLog(lines::add)
                .build());
        return Stream.concat(
                Values.all().stream()
                        .filter(value -> !value.name().equals(ONLY_IN_ONE_PROCESS))
                        .map(value -> dynamicTest(value.name(), () -> {
                            Object sent = value.make().call();
                            value.check()
                                    .check(
                                            sent,
                                            pool.submit(SerializationContract::same, sent)
                                                    .result());
                        })),
                Stream.of(dynamicTest("nothing on its stderr", () -> {
                    pool.submit(() -> System.out.println("the last line")).result();
                    Await.until("the last line", () -> !lines.isEmpty());
                    assertThat(lines).extracting(LogLine::text).containsExactly("the last line");
                })));
    }

    private static @Nullable Object same(@Nullable Object value) {
        return value;
    }

    /** Holds what belongs to its process. */
    static final class Connected {
        @Nullable
        Object connection;

        static Connected toNobody() {
            Connected connected = new Connected();
            connected.connection = new Socket();
            return connected;
        }
    }

    /** Can be decoded only in the process that made it. */
    static final class HomeBound implements Serializable {
        private static final long serialVersionUID = 1L;

        private final long pid = Tasks.pid();

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            if (Tasks.pid() != pid) {
                throw new InvalidObjectException("does not leave process " + pid);
            }
        }
    }

    @Test
    @DisplayName(
            "9. an argument or callable that cannot be serialized fails that future alone, at once, naming the path")
    void failsWhatCannotBeSent() {
        PoolExecutor pool = sharedPool(1);
        Connected connected = Connected.toNobody();
        for (PoolFuture<?> future : new PoolFuture<?>[] {
            pool.submit(SerializationContract::same, connected), pool.submit(() -> connected.connection == null)
        }) {
            assertThat(future.done()).isTrue();
            assertThat(future.exception())
                    .isInstanceOf(NotSerializableTaskException.class)
                    .hasMessageContaining("Connected.connection (java.net.Socket)");
        }
        assertThat(pool.submit(Tasks::square, 4).result()).isEqualTo(16);
    }

    @Test
    @DisplayName("10. a result that cannot be serialized fails that future alone, naming the path")
    void failsWhatCannotBeReturned() {
        PoolExecutor pool = sharedPool(1);
        long pid = pool.submit(Tasks::pid).result();
        assertThat(pool.submit(Connected::toNobody).exception())
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("Connected.connection (java.net.Socket)");
        assertThat(pool.submit(Tasks::pid).result()).isEqualTo(pid);
    }

    @Test
    @DisplayName("10. a payload that cannot be decoded, on either side, fails that future alone")
    void failsWhatCannotBeDecoded() {
        PoolExecutor pool = sharedPool(1);
        long pid = pool.submit(Tasks::pid).result();
        assertThat(pool.submit(SerializationContract::same, new HomeBound()).exception())
                .hasStackTraceContaining("does not leave process " + Tasks.pid());
        assertThat(pool.submit(HomeBound::new).exception()).hasStackTraceContaining("does not leave process " + pid);
        assertThat(pool.submit(Tasks::pid).result()).isEqualTo(pid);
    }

    @Test
    @DisplayName("11. an exception that cannot be serialized still arrives, with its text")
    void tellsOfExceptionsThatCannotBeSerialized() {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Object> future = pool.submit(() -> {
            throw new WithConnection();
        });
        assertThat(future.exception()).hasStackTraceContaining("the line is cut");
        assertThat(pool.submit(Tasks::square, 4).result()).isEqualTo(16);
    }

    @Test
    @DisplayName(
            "11. an exception of a class that is not known here arrives as RemoteTaskException, with its class name and text")
    void standsInForUnknownExceptions() {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Object> future = pool.submit(() -> {
            throw Unheard.of();
        });
        assertThat(future.exception()).isInstanceOf(RemoteTaskException.class);
        RemoteTaskException standIn = (RemoteTaskException) future.exception();
        assertThat(standIn.className()).isEqualTo("nowhere.other.Unheard");
        assertThat(standIn).hasMessageContaining("never heard of it").hasStackTraceContaining("Unheard.of");
        assertThat(pool.submit(Tasks::square, 4).result()).isEqualTo(16);
    }

    /** An exception of a class that exists only in the process where it was made, as a library on that host alone would. */
    static final class Unheard {
        private Unheard() {}

        static Exception of() throws Exception {
            Path directory = Files.createTempDirectory("unheard");
            Path source = directory.resolve("Unheard.java");
            Files.writeString(
                    source,
                    """
                    package nowhere.other;
                    public class Unheard extends Exception {
                        public Unheard(String text) { super(text); }
                    }
                    """);
            int status = ToolProvider.getSystemJavaCompiler()
                    .run(null, null, null, "-d", directory.toString(), source.toString());
            assertThat(status).isZero();
            try (URLClassLoader loader =
                    new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
                return (Exception) loader.loadClass("nowhere.other.Unheard")
                        .getConstructor(String.class)
                        .newInstance("never heard of it");
            }
        }
    }

    /** An exception that is not serializable. */
    static final class WithConnection extends Exception {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial") // on purpose
        private final Object connection = new Socket();

        WithConnection() {
            super("the line is cut");
        }

        Object connection() {
            return connection;
        }
    }
}

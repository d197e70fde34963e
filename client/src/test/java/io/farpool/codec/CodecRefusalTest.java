package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.NotSerializableTaskException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Timer;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CodecRefusalTest {
    private static final String SELF = CodecRefusalTest.class.getName();

    private final Codec codec = new Codec();

    static final class Job {
        Object connection;
        Object[] array;
        List<Object> list;
        Map<String, Object> map;
        Job next;

        static Job with(Object connection) {
            Job job = new Job();
            job.connection = connection;
            return job;
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    record Call(Object function, Object[] arguments) implements Envelope {}

    record Holding(String name, Object value) {}

    interface Task extends Callable<Object>, Serializable {}

    @Test
    void namesTheFieldItsClassAndWhatToDo() throws IOException {
        try (Socket socket = new Socket()) {
            assertRefused(
                    Job.with(socket),
                    SELF + "$Job.connection (java.net.Socket): a connection belongs to this process."
                            + " Open it inside the task, or mark the field transient");
        }
    }

    @Test
    void namesTheWayThroughArraysListsAndMaps() {
        Thread thread = new Thread(() -> {});
        Job job = new Job();
        job.next = new Job();
        job.next.map = new HashMap<>(Map.of("key", new ArrayList<>(List.of("ok", new Object[] {1, 2, thread}))));
        assertRefused(job, SELF + "$Job.next.map[\"key\"][1][2] (java.lang.Thread): it lives in this process.");
    }

    @Test
    void namesTheWayThroughEveryContainer() {
        Timer timer = new Timer(true);
        timer.cancel();
        String type = " (java.util.Timer): ";
        assertRefused(List.of("a", timer), "java.util.ImmutableCollections$List12[1]" + type);
        assertRefused(Optional.of(timer), "java.util.Optional.get()" + type);
        assertRefused(new Holding("n", timer), SELF + "$Holding.value" + type);
        assertRefused(Map.of("k", timer), "java.util.ImmutableCollections$Map1[\"k\"]" + type);
        assertRefused(new TreeMap<>(Map.of(1, timer)), "java.util.TreeMap[1]" + type);
        assertRefused(new Object[][] {{}, {timer}}, "java.lang.Object[][][1][0]" + type);
        assertRefused(
                Collections.unmodifiableList(new ArrayList<>(List.of(timer))),
                "java.util.Collections$UnmodifiableRandomAccessList");
        assertRefused(
                new HookValues.Keeper(Job.with(timer)), "io.farpool.codec.HookValues$Keeper.kept.connection" + type);
        assertRefused(
                new ThrowableValues.Custom("m", 1, timer), "io.farpool.codec.ThrowableValues$Custom.details" + type);
        assertRefused(
                new RuntimeException("outer", new ThrowableValues.Custom("m", 1, timer)),
                "java.lang.RuntimeException.cause.details" + type);
    }

    @Test
    void namesWhatALambdaCaptures() {
        Job job = Job.with(new Thread(() -> {}));
        Thread thread = new Thread(() -> {});
        assertRefused(
                (Task) () -> job,
                "lambda in " + SELF + ", capturing " + SELF + "$Job.connection (java.lang.Thread): it lives");
        assertRefused((Task) () -> thread, "lambda in " + SELF + ", capturing java.lang.Thread: it lives");
    }

    @Test
    void namesTheObjectThatAnAnonymousClassDragsAlong() {
        Dragging dragging = new Dragging();
        assertRefused(dragging.task(), SELF + "$Dragging$1.this$0.thread (java.lang.Thread): it lives");
    }

    static final class Dragging {
        private final Thread thread = new Thread(() -> {});

        Task task() {
            return new Task() {
                private static final long serialVersionUID = 1L;

                @Override
                public Object call() {
                    return thread.getName();
                }
            };
        }
    }

    @Test
    void beginsPathsAfterItsOwnEnvelopes() {
        Thread thread = new Thread(() -> {});
        assertRefused(
                new Call("f", new Object[] {Job.with(thread)}),
                "java.lang.Object[][0].connection (java.lang.Thread): ");
        assertRefused(new Call(Job.with(thread), new Object[0]), SELF + "$Job.connection (java.lang.Thread): ");
    }

    @Test
    void saysHowToMakeALambdaSerializable() {
        Callable<String> lambda = () -> "x";
        assertRefused(
                lambda,
                "lambda in " + SELF
                        + ": a lambda ships only if its type is Serializable (it is a java.util.concurrent.Callable)."
                        + " Declare it as io.farpool.RemoteCallable");
        assertRefused(Job.with(lambda), SELF + "$Job.connection (lambda in " + SELF + "): a lambda ships only if");
        Supplier<String> reference = "x"::toUpperCase;
        assertRefused(reference, "lambda in " + SELF + ": a lambda ships only if");
    }

    static Stream<Arguments> refused() throws Exception {
        return Stream.of(
                Arguments.of(new ThreadLocal<>(), "Make the field static"),
                Arguments.of(Thread.currentThread().getThreadGroup(), "it lives in this process"),
                Arguments.of(CodecRefusalTest.class.getClassLoader(), "it belongs to this JVM"),
                Arguments.of(ProcessHandle.current(), "Ship its pid"),
                Arguments.of(ForkJoinPool.commonPool(), "an executor belongs to this process"),
                Arguments.of(new CompletableFuture<>(), "Wait for its result here"),
                Arguments.of(new FutureTask<>(() -> 1), "Wait for its result here"),
                Arguments.of(new ByteArrayInputStream(new byte[1]), "Ship its path or its bytes"),
                Arguments.of(System.out, "Ship its path or its bytes"),
                Arguments.of(Stream.of(1), "Collect it into a list"),
                Arguments.of(new CountDownLatch(1), "wait for their futures"),
                Arguments.of(new java.lang.ref.WeakReference<>("x"), "Ship what it refers to"),
                Arguments.of(String.class.getMethod("length"), "Ship its class and its name"),
                Arguments.of(java.lang.invoke.MethodHandles.lookup(), "Ship a method reference"),
                Arguments.of(Logger.getLogger("x"), "Make the field static"),
                Arguments.of(DateTimeFormatter.ISO_DATE, "this class of the JDK is not Serializable"),
                Arguments.of(List.of(1).iterator(), "this class of the JDK is not Serializable"),
                Arguments.of(new OwnThread(), "it lives in this process"));
    }

    static final class OwnThread extends Thread {}

    @ParameterizedTest
    @MethodSource("refused")
    void refusesWhatBelongsToOneProcess(Object value, String advice) {
        assertThatThrownBy(() -> codec.encode(Job.with(value)))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageStartingWith(
                        SELF + "$Job.connection (" + value.getClass().getTypeName() + "): ")
                .hasMessageContaining(advice);
    }

    @Test
    void refusesWhatIsOpen(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        try (var channel = Files.newByteChannel(file);
                var stream = Files.newInputStream(file);
                var server = new ServerSocket()) {
            for (Object open : List.of(channel, stream, server, file.getFileSystem())) {
                assertThatThrownBy(() -> codec.encode(open)).isInstanceOf(NotSerializableTaskException.class);
            }
        }
    }

    @Test
    void saysWhichHookFailed() {
        assertThatThrownBy(() -> codec.encode(List.of(new Broken())))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessage("java.util.ImmutableCollections$List12[0] (" + SELF
                        + "$Broken): its Java serialization failed with"
                        + " java.lang.IllegalStateException: on purpose")
                .cause()
                .isInstanceOf(IllegalStateException.class);
    }

    static final class Broken implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream output) {
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void aRefusalLeavesNothingBehind() {
        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> codec.encode(Job.with(new Thread(() -> {}))))
                    .isInstanceOf(NotSerializableTaskException.class);
            assertThat(codec.decode(codec.encode(List.of("still", "works")))).isEqualTo(List.of("still", "works"));
        }
    }

    @Test
    void findsTheWayInALargeGraph() {
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            list.add(new Holding("n" + i, i == 77_777 ? new Thread(() -> {}) : null));
        }
        assertRefused(list, "java.util.ArrayList[77777].value (java.lang.Thread): ");
    }

    @Test
    void refusesWhatIsNestedBeyondAllMeasureAndGoesOn() {
        Codec small = new Codec(getClass().getClassLoader(), new LargeStack(2 << 20));
        List<Object> deep = nested(200_000);
        byte[] bytes = codec.encode(deep);

        assertThatThrownBy(() -> small.encode(deep))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("java.util.ArrayList: cannot be serialized: it is nested too deeply");
        assertThatThrownBy(() -> small.decode(bytes))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("it is nested too deeply");
        assertThat(small.decode(small.encode("next"))).isEqualTo("next");
    }

    @Test
    void findsTheWayToWhatIsRefusedInTheDepth() {
        Job last = Job.with(new Thread(() -> {}));
        for (int i = 0; i < 10_000; i++) {
            Job job = new Job();
            job.next = last;
            last = job;
        }
        Job first = last;
        assertThatThrownBy(() -> codec.encode(first))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageStartingWith(SELF + "$Job" + ".next".repeat(11) + "...(9978 steps)..." + ".next".repeat(11)
                        + ".connection (java.lang.Thread): ");
    }

    private static List<Object> nested(int depth) {
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            List<Object> outer = new ArrayList<>(1);
            outer.add(list);
            list = outer;
        }
        return list;
    }

    private void assertRefused(Object value, String start) {
        assertThatThrownBy(() -> codec.encode(value))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageStartingWith(start);
    }
}

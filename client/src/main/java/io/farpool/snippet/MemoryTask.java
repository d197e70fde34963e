package io.farpool.snippet;

import io.farpool.NotSerializableTaskException;
import io.farpool.RemoteCallable;
import io.farpool.codec.Codec;
import io.farpool.codec.Envelope;
import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Payload;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A task some of whose classes exist only in its client's memory, as JShell's snippets do: it carries them, and the values of
 * their static variables, which is what JShell's variables are, as they were when it was submitted. A variable whose value
 * cannot be serialized (the executor itself, say) is left out; in the worker process it keeps what it had there, null at first.
 *
 * <p>All of it is in memory while it is serialized, and while it is read: 2 GiB at most, or the task fails.
 *
 * @param classes the classes, packed
 * @param work the callable and the variables, serialized
 */
@SuppressWarnings("ArrayRecordComponent") // On its way from one process to another; nobody compares it.
public record MemoryTask<T>(byte[] classes, byte[] work) implements RemoteCallable<T>, Envelope {
    private static final long serialVersionUID = 1L;

    /** Values name classes whose variables have values, and so on; not for ever. */
    private static final int MAX_ROUNDS = 20;

    private static final int MOST_CAUSES = 100;

    private static volatile @Nullable Packed lastPacked;

    private record Work<T>(Callable<T> task, ArrayList<Variable> variables) implements Serializable, Envelope {}

    private record Variable(Class<?> owner, String name, @Nullable Object value) implements Serializable, Envelope {}

    /**
     * Serializes a callable: as it is, or, if it needs classes of this JVM's memory, with these.
     *
     * @param what it is, for messages
     * @return its payload; a reference names its file, which is the caller's
     * @throws NotSerializableTaskException when that cannot be done
     * @throws java.io.UncheckedIOException when it is large and its file cannot be written
     */
    public static Payload encode(PayloadCodec payloads, Callable<?> callable, String what) {
        Named named = new Named();
        Payload plain = payloads.encode(callable, what, named::add);
        if (named.inMemory == null) {
            return plain;
        }
        payloads.discard(plain);
        return payloads.encode(withClasses(payloads.codec(), callable, named.inMemory), what);
    }

    private static MemoryTask<?> withClasses(Codec codec, Callable<?> callable, Set<Class<?>> first) {
        Set<Class<?>> inMemory = first;
        for (int round = 1; ; round++) {
            Map<Class<?>, byte[]> classes = MemoryClasses.needed(inMemory);
            Named named = new Named();
            inMemory.forEach(named::add);
            byte[] work = codec.encode(new Work<>(callable, variables(codec, classes.keySet())), named::add);
            inMemory = Objects.requireNonNull(named.inMemory, "named before");
            if (classes.keySet().containsAll(inMemory) || round == MAX_ROUNDS) {
                return new MemoryTask<>(pack(classes), work);
            }
        }
    }

    private static byte[] pack(Map<Class<?>, byte[]> classes) {
        Packed last = lastPacked;
        if (last != null && last.holds(classes)) {
            return last.pack();
        }
        byte[] pack = MemoryLoader.pack(classes);
        lastPacked = new Packed(classes, pack);
        return pack;
    }

    private static ArrayList<Variable> variables(Codec codec, Set<Class<?>> classes) {
        ArrayList<Variable> variables = new ArrayList<>();
        for (Class<?> type : classes) {
            for (Field field : type.getDeclaredFields()) {
                if (isVariable(field) && field.trySetAccessible()) {
                    try {
                        Object value = field.get(null);
                        codec.check(value); // takes no memory, so one that is too large fails the task below
                        variables.add(new Variable(type, field.getName(), value));
                    } catch (NotSerializableTaskException e) {
                        if (isForWantOfMemory(e)) {
                            throw e;
                        }
                        // Most likely no task needs it; one that does finds null.
                    } catch (IllegalAccessException | LinkageError e) {
                        // As above.
                    }
                }
            }
        }
        return variables;
    }

    private static boolean isForWantOfMemory(Throwable failure) {
        int links = 0;
        for (Throwable cause = failure; cause != null && links < MOST_CAUSES; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
            links++;
        }
        return false;
    }

    private static boolean isVariable(Field field) {
        return Modifier.isStatic(field.getModifiers())
                && !Modifier.isFinal(field.getModifiers())
                && !field.isSynthetic();
    }

    /** Mostly the next task is of the same classes. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares it
    private record Packed(Map<Class<?>, byte[]> classes, byte[] pack) {
        boolean holds(Map<Class<?>, byte[]> others) {
            return classes.size() == others.size()
                    && others.entrySet().stream().allMatch(other -> classes.get(other.getKey()) == other.getValue());
        }
    }

    /** What a graph names, of what is in memory only. */
    private static final class Named {
        /** Null: nothing yet, as in nearly all programs for ever. */
        private @Nullable Set<Class<?>> inMemory;

        void add(Class<?> type) {
            if (MemoryClasses.isInMemory(type)) {
                if (inMemory == null) {
                    inMemory = new LinkedHashSet<>();
                }
                inMemory.add(type);
            }
        }
    }

    /** In a worker process: with the classes it carries. */
    @Override
    public T call() throws Exception {
        MemoryLoader loader = MemoryLoader.of(classes);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            Work<T> decoded = decoded(loader.codec());
            for (Variable variable : decoded.variables()) {
                Field field = variable.owner().getDeclaredField(variable.name());
                field.setAccessible(true);
                field.set(null, variable.value());
            }
            return decoded.task().call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** In the client: the callable, with the classes there are. */
    public Callable<T> callable(Codec codec) {
        return decoded(codec).task();
    }

    @SuppressWarnings("unchecked") // it is what encode has made
    private Work<T> decoded(Codec codec) {
        return (Work<T>) Objects.requireNonNull(codec.decode(work), "work");
    }
}

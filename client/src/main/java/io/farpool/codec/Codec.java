package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.io.KryoBufferOverflowException;
import io.farpool.NotSerializableTaskException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns objects into bytes and back.
 *
 * <p>Takes users' classes whether they are {@link java.io.Serializable} or not; lambdas must be. Identity within one value
 * survives, cycles too. Java serialization's hooks (writeObject, readResolve and the like) are honoured. Deeply nested values
 * are worked through on a thread with a large stack.
 *
 * <p>What cannot be written, and bytes that cannot be read, end in a {@link NotSerializableTaskException} that names the
 * offending value; no state is left behind, whatever the bytes were. Decoding runs the code of the classes it meets, so it
 * happens only in clients and worker processes, never in a coordinator or a daemon. Thread-safe.
 */
public final class Codec {
    /** Takes a value that turns out to be too large for memory. */
    public interface Overflow {
        /**
         * Gives the stream for all of the value's bytes. Called once more when the value has to be written again; then what the
         * first stream was given is void.
         */
        OutputStream begin() throws IOException;
    }

    /** Has a large value's bytes. */
    public interface Source {
        /** Gives a stream of all of them, from the beginning. The codec closes it. */
        InputStream open() throws IOException;
    }

    /** Deeper graphs than this leave the caller's stack: a level can take 3 KB of it. */
    private static final int CALLERS_DEPTH = 150;

    private static final int LARGE_STACKS_DEPTH = Integer.MAX_VALUE;
    private static final int POOLED_CODERS =
            Math.max(8, 2 * Runtime.getRuntime().availableProcessors());

    private final ClassLoader loader;
    private final SerializerChoice choice = new SerializerChoice();
    private final ObjectPath path = new ObjectPath(choice);
    private final LargeStack largeStack;
    private final ThrowableCodec throwables = new ThrowableCodec(this);

    /** Idle coders. A new one is made when none is idle; one too many is left to the garbage collector. */
    private final ArrayBlockingQueue<Coder> idle = new ArrayBlockingQueue<>(POOLED_CODERS);

    /** A codec that finds classes through the thread's context class loader, as it is now, or else its own. */
    public Codec() {
        this(defaultLoader());
    }

    /**
     * A codec that finds classes through the given loader.
     *
     * @param loader the loader of the application's classes
     */
    public Codec(ClassLoader loader) {
        this(loader, new LargeStack(LargeStack.STACK_BYTES));
    }

    Codec(ClassLoader loader, LargeStack largeStack) {
        this.loader = Objects.requireNonNull(loader, "loader");
        this.largeStack = largeStack;
    }

    /** A class of the library that this stands on: tells where it was loaded from. */
    public static Class<?> library() {
        return Kryo.class;
    }

    /**
     * Turns a value into bytes.
     *
     * @param value any object, or null
     * @return bytes that {@link #decode} of the same version turns into an equal object, given the same classes
     * @throws NotSerializableTaskException if something in it cannot be serialized; the message says what, and how it is reached
     */
    public byte[] encode(@Nullable Object value) {
        return encode(value, Codec::nobody);
    }

    static void nobody(Class<?> type) {}

    /**
     * Turns a value into bytes, as {@link #encode(Object)} does.
     *
     * @param named is told the classes that the bytes name, some perhaps more than once: of objects, and those in which lambdas
     *     were written
     */
    public byte[] encode(@Nullable Object value, Consumer<Class<?>> named) {
        try {
            try {
                return pooled(coder -> coder.encode(value, CALLERS_DEPTH, named));
            } catch (TooDeepException | StackOverflowError e) {
                return largeStack.run(
                        Captures.carried(() -> pooled(coder -> coder.encode(value, LARGE_STACKS_DEPTH, named))));
            }
        } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
            throw notSerializable(value, e);
        }
    }

    /**
     * Turns a value into bytes, in memory if they are few.
     *
     * @param value any object, or null
     * @param mostBytes how many may be in memory
     * @param overflow takes them all if there are more
     * @return the bytes; null if the overflow has taken them
     * @throws NotSerializableTaskException if something in it cannot be serialized; the message says what, and how it is reached
     * @throws IOException if the overflow throws it
     */
    public byte @Nullable [] encode(@Nullable Object value, int mostBytes, Overflow overflow) throws IOException {
        return encode(value, mostBytes, overflow, Codec::nobody);
    }

    /**
     * Turns a value into bytes, in memory if they are few, and tells of the classes that the bytes name.
     *
     * @param named as {@link #encode(Object, Consumer)} has it
     * @throws IOException if the overflow throws it
     */
    public byte @Nullable [] encode(@Nullable Object value, int mostBytes, Overflow overflow, Consumer<Class<?>> named)
            throws IOException {
        byte[] bytes;
        try {
            try {
                bytes = pooled(coder -> coder.encode(value, mostBytes, overflow, CALLERS_DEPTH, named));
            } catch (TooDeepException | StackOverflowError e) {
                bytes = largeStack.run(Captures.carried(
                        () -> pooled(coder -> coder.encode(value, mostBytes, overflow, LARGE_STACKS_DEPTH, named))));
            }
        } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
            throwStreams(e);
            throw notSerializable(value, e);
        }
        return bytes.length == 0 ? null : bytes; // no value takes no bytes
    }

    /**
     * Finds out whether a value can be serialized. Costs as much as to do it, without the memory.
     *
     * @param value any object, or null
     * @throws NotSerializableTaskException if not
     */
    public void check(@Nullable Object value) {
        try {
            byte[] ignored = encode(value, 0, OutputStream::nullOutputStream);
        } catch (IOException e) {
            throw new AssertionError("nothing was written anywhere", e);
        }
    }

    /**
     * Turns bytes back into the value.
     *
     * @param bytes what {@link #encode} gave
     * @return the value
     * @throws NotSerializableTaskException if the bytes are damaged, or hold what cannot be rebuilt here
     */
    public @Nullable Object decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /**
     * Turns bytes back into the value.
     *
     * @param bytes its remaining bytes are read; its position does not move
     * @return the value
     * @throws NotSerializableTaskException if the bytes are damaged, or hold what cannot be rebuilt here
     */
    public @Nullable Object decode(ByteBuffer bytes) {
        if (bytes.hasArray()) {
            return decode(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return decode(copy);
    }

    /**
     * Turns bytes back into the value, without having all of them in memory.
     *
     * @param source has what {@link #encode(Object, int, Overflow)} wrote
     * @param sizeBytes how many these are
     * @return the value
     * @throws NotSerializableTaskException if the bytes are damaged, or hold what cannot be rebuilt here
     * @throws IOException if the source throws it
     */
    public @Nullable Object decode(Source source, long sizeBytes) throws IOException {
        try {
            try {
                return pooled(coder -> decode(coder, source, sizeBytes, CALLERS_DEPTH));
            } catch (RuntimeException | StackOverflowError e) {
                if (!(e instanceof StackOverflowError) && !isTooDeep(e)) {
                    throw e;
                }
                return largeStack.run(() -> pooled(coder -> decode(coder, source, sizeBytes, LARGE_STACKS_DEPTH)));
            }
        } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
            throwStreams(e);
            throw notRebuilt(sizeBytes, e);
        }
    }

    private static @Nullable Object decode(Coder coder, Source source, long sizeBytes, int depthLimit) {
        try (InputStream stream = source.open()) {
            return coder.decode(new GuardedInput(stream), sizeBytes, depthLimit);
        } catch (IOException e) {
            throw new StreamFailure(e);
        }
    }

    /**
     * Turns an exception into bytes. Never throws: what cannot be serialized is described instead.
     *
     * @param throwable any exception or error
     * @return its bytes, if it has some, and its description
     */
    public EncodedThrowable encodeThrowable(Throwable throwable) {
        return throwables.encode(throwable);
    }

    /**
     * Turns what {@link #encodeThrowable} gave into an exception. Never throws: where the exception itself cannot be had, a
     * {@link io.farpool.RemoteTaskException} stands in for it.
     *
     * @param encoded the bytes and the description
     * @return the exception, or its stand-in
     */
    public Throwable decodeThrowable(EncodedThrowable encoded) {
        return throwables.decode(encoded);
    }

    /**
     * Describes an exception that travels as a value of its own. Never throws.
     *
     * @param throwable any exception or error
     * @return its description, without bytes
     */
    public EncodedThrowable describeThrowable(Throwable throwable) {
        return throwables.describe(throwable, null);
    }

    /**
     * Gets an exception that has travelled as a value of its own. Never throws: where it cannot be had, a {@link
     * io.farpool.RemoteTaskException} stands in for it.
     *
     * @param description what {@link #describeThrowable} gave
     * @param value gives the exception, or throws
     * @return the exception, or its stand-in
     */
    public Throwable decodeThrowable(EncodedThrowable description, Callable<@Nullable Object> value) {
        return throwables.decode(description, value);
    }

    /**
     * The loader that classes are found by.
     *
     * @return what the codec was made with
     */
    public ClassLoader loader() {
        return loader;
    }

    private @Nullable Object decode(byte[] bytes, int offset, int length) {
        try {
            try {
                return pooled(coder -> coder.decode(bytes, offset, length, CALLERS_DEPTH));
            } catch (RuntimeException | StackOverflowError e) {
                if (!(e instanceof StackOverflowError) && !isTooDeep(e)) {
                    throw e;
                }
                return largeStack.run(() -> pooled(coder -> coder.decode(bytes, offset, length, LARGE_STACKS_DEPTH)));
            }
        } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
            throw notRebuilt(length, e);
        }
    }

    private static NotSerializableTaskException notRebuilt(long sizeBytes, Throwable failure) {
        return new NotSerializableTaskException(
                "cannot rebuild a value from its " + sizeBytes + " bytes: " + reason(failure), failure);
    }

    private static void throwStreams(Throwable failure) throws IOException {
        StreamFailure streams = findCause(failure, StreamFailure.class);
        if (streams != null) {
            throw streams.failure();
        }
    }

    /** Lends a coder; one that fails does not come back. */
    private <T> T pooled(Function<Coder, T> work) {
        Coder coder = idle.poll();
        if (coder == null) {
            coder = new Coder(choice, loader);
        }
        T result = work.apply(coder);
        idle.offer(coder);
        return result;
    }

    private NotSerializableTaskException notSerializable(@Nullable Object value, Throwable failure) {
        RefusedException refused = findCause(failure, RefusedException.class);
        if (refused != null) {
            return new NotSerializableTaskException(
                    path.describe(value, refused.value()) + ": " + refused.getMessage(), refused.getCause());
        }
        String type = value == null ? "null" : ObjectPath.label(value.getClass());
        if (findCause(failure, KryoBufferOverflowException.class) != null) {
            return new NotSerializableTaskException(
                    type + ": its serialized form is larger than 2 GiB, the most one array holds", failure);
        }
        return new NotSerializableTaskException(type + ": cannot be serialized: " + reason(failure), failure);
    }

    private static boolean isTooDeep(Throwable failure) {
        return findCause(failure, TooDeepException.class) != null;
    }

    private static String reason(Throwable failure) {
        if (failure instanceof StackOverflowError) {
            return "it is nested too deeply, even for a very large stack";
        }
        if (failure instanceof OutOfMemoryError) {
            return "this process has not the memory for it (" + failure.getMessage() + ")";
        }
        String message = failure.getMessage();
        String type = failure.getClass().getName();
        if (type.startsWith("com.esotericsoftware.") && message != null) {
            return message;
        }
        return message == null ? type : type + ": " + message;
    }

    private static <T> @Nullable T findCause(Throwable failure, Class<T> type) {
        int links = 0;
        for (Throwable cause = failure; cause != null && links < 100; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
            links++;
        }
        return null;
    }

    private static ClassLoader defaultLoader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null) {
            return context;
        }
        ClassLoader own = Codec.class.getClassLoader();
        return own != null ? own : ClassLoader.getSystemClassLoader();
    }

    /** Lets its failures be told from those of the value. */
    private static final class GuardedInput extends FilterInputStream {
        GuardedInput(InputStream from) {
            super(from);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException e) {
                throw new StreamFailure(e);
            }
        }
    }
}

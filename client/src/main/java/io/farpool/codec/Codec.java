package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.io.KryoBufferOverflowException;
import io.farpool.NotSerializableTaskException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
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
        try {
            try {
                return pooled(coder -> coder.encode(value, CALLERS_DEPTH));
            } catch (TooDeepException | StackOverflowError e) {
                return largeStack.run(() -> pooled(coder -> coder.encode(value, LARGE_STACKS_DEPTH)));
            }
        } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
            throw notSerializable(value, e);
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
            throw new NotSerializableTaskException(
                    "cannot rebuild a value from its " + length + " bytes: " + reason(e), e);
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
}

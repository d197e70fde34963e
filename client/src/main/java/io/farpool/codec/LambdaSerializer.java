package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Lambdas and method references of serializable types, in the form the compiler prepared for them: {@link SerializedLambda}. Its
 * parts go through Kryo, captured values included, so these need not be Serializable; on the way back the capturing class
 * itself makes the lambda. Immutable but for caches; thread-safe.
 *
 * <p>Also takes a SerializedLambda itself, which is what an {@link EmbeddedSerializer} meets in a lambda's place.
 */
final class LambdaSerializer extends Serializer<Object> implements Parts {
    private static final MethodType DESERIALIZE = MethodType.methodType(Object.class, SerializedLambda.class);

    private final ClassValue<MethodHandle> writeReplace = new ClassValue<>() {
        @Override
        protected MethodHandle computeValue(Class<?> type) {
            MethodHandle hook = SerialHooks.writeReplace(type);
            if (hook == null) {
                throw new IllegalStateException(type.getName() + " is not a serializable lambda");
            }
            return hook;
        }
    };

    private final ClassValue<MethodHandle> deserializers = new ClassValue<>() {
        @Override
        protected MethodHandle computeValue(Class<?> capturing) {
            try {
                Method method = capturing.getDeclaredMethod("$deserializeLambda$", SerializedLambda.class);
                if (method.trySetAccessible()) {
                    return MethodHandles.lookup().unreflect(method).asType(DESERIALIZE);
                }
                // In a module that is not open, the JDK has to make the call.
                MethodHandle resolve = SerialHooks.readResolve(SerializedLambda.class);
                if (resolve == null) {
                    throw new IllegalStateException("SerializedLambda has no readResolve");
                }
                return resolve.asType(DESERIALIZE);
            } catch (ReflectiveOperationException e) {
                throw new KryoException(
                        capturing.getName() + " has no serializable lambdas: is it the same version here?", e);
            }
        }
    };

    @Override
    public void write(Kryo kryo, Output output, Object object) {
        SerializedLambda lambda = serialized(object);
        string(kryo, output, lambda.getCapturingClass());
        FarpoolKryo.named(kryo, capturingClass(kryo, object, lambda));
        string(kryo, output, lambda.getFunctionalInterfaceClass());
        string(kryo, output, lambda.getFunctionalInterfaceMethodName());
        string(kryo, output, lambda.getFunctionalInterfaceMethodSignature());
        output.writeByte(lambda.getImplMethodKind());
        string(kryo, output, lambda.getImplClass());
        string(kryo, output, lambda.getImplMethodName());
        string(kryo, output, lambda.getImplMethodSignature());
        string(kryo, output, lambda.getInstantiatedMethodType());
        output.writeVarInt(lambda.getCapturedArgCount(), true);
        for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
            kryo.writeClassAndObject(output, lambda.getCapturedArg(i));
        }
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
        GraphReferences references = GraphReferences.of(kryo);
        Class<?> capturing = load(kryo, string(kryo, input));
        String interfaceClass = string(kryo, input);
        String interfaceMethod = string(kryo, input);
        String interfaceSignature = string(kryo, input);
        int kind = input.readByte();
        String implClass = string(kryo, input);
        String implMethod = string(kryo, input);
        String implSignature = string(kryo, input);
        String instantiated = string(kryo, input);
        Object[] captured = new Object[CheckedInput.readLength(input)];
        for (int i = 0; i < captured.length; i++) {
            captured[i] = references.readNow(kryo, input, capturing);
        }
        SerializedLambda lambda = new SerializedLambda(
                capturing,
                interfaceClass,
                interfaceMethod,
                interfaceSignature,
                kind,
                implClass,
                implMethod,
                implSignature,
                instantiated,
                captured);
        try {
            return deserializers.get(capturing).invokeExact(lambda);
        } catch (Throwable e) {
            throw new KryoException(
                    "the lambda " + implMethod + " of " + capturing.getName()
                            + " cannot be made: is the class the same version here?",
                    e);
        }
    }

    @Override
    public void parts(Object whole, Visitor visitor) {
        SerializedLambda lambda = serialized(whole);
        for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
            visitor.part(CAPTURED, lambda.getCapturedArg(i));
        }
    }

    private SerializedLambda serialized(Object object) {
        if (object instanceof SerializedLambda lambda) {
            return lambda;
        }
        Object replacement;
        try {
            replacement = writeReplace.get(object.getClass()).invokeExact(object);
        } catch (Throwable e) {
            throw new RefusedException(object, "its writeReplace threw " + e, e);
        }
        if (replacement instanceof SerializedLambda lambda) {
            return lambda;
        }
        throw new RefusedException(object, "its writeReplace gave no SerializedLambda but " + replacement, null);
    }

    /** The class that the lambda was written in. */
    private static Class<?> capturingClass(Kryo kryo, Object object, SerializedLambda lambda) {
        // A lambda's own class is a hidden one of it.
        return object == lambda
                ? load(kryo, lambda.getCapturingClass())
                : object.getClass().getNestHost();
    }

    /** The same strings come again and again; they are constants of the class, so that Kryo's references find them. */
    private static void string(Kryo kryo, Output output, String text) {
        kryo.writeObject(output, text);
    }

    private static String string(Kryo kryo, Input input) {
        return kryo.readObject(input, String.class);
    }

    private static Class<?> load(Kryo kryo, @Nullable String internalName) {
        if (internalName == null) {
            throw new KryoException("a lambda without its class");
        }
        String name = internalName.replace('/', '.');
        try {
            return Class.forName(name, false, kryo.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            throw new KryoException("the class " + name + ", whose lambda this is, cannot be loaded here", e);
        }
    }
}

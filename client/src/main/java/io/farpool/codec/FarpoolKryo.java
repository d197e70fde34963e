package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.Registration;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Output;
import com.esotericsoftware.kryo.kryo5.util.DefaultClassResolver;
import com.esotericsoftware.kryo.kryo5.util.Util;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Kryo, asking {@link SerializerChoice} for every class. Not thread-safe. */
final class FarpoolKryo extends Kryo {
    private static final String UNSAFE = "kryo.unsafe";
    private static final int FIRST_JDK_THAT_WARNS_OF_UNSAFE = 24;

    static {
        // Kryo looks for sun.misc.Unsafe when it is loaded, which nothing here uses, but which makes later JDKs print a
        // warning. The property is read that one time, so it need not stay.
        if (Runtime.version().feature() >= FIRST_JDK_THAT_WARNS_OF_UNSAFE && System.getProperty(UNSAFE) == null) {
            System.setProperty(UNSAFE, "false");
            try {
                Util.isUnsafeAvailable();
            } finally {
                System.clearProperty(UNSAFE);
            }
        }
    }

    /** Kryo wants a serializer for every registration; nobody is given this one. */
    private static final Serializer<?> NOT_MADE =
            new RefusingSerializer(Object.class, "a serializer that was never made");

    private final SerializerChoice choice;
    private @Nullable Consumer<Class<?>> named;

    FarpoolKryo(SerializerChoice choice, ClassLoader loader) {
        super(new Classes(), new GraphReferences());
        this.choice = choice;
        setClassLoader(loader);
        setRegistrationRequired(false);
        // GraphReferences.finish has to look before all is forgotten.
        setAutoReset(false);
        for (JdkType type : JdkType.values()) {
            register(new Numbered(type.type(), getNextRegistrationId()));
        }
    }

    /** Who is told, from now on, of the classes that are named in what is written. */
    void tellNamed(@Nullable Consumer<Class<?>> listener) {
        named = listener;
    }

    /** A class is named in what is written. */
    static void named(Kryo kryo, Class<?> type) {
        Consumer<Class<?>> listener = ((FarpoolKryo) kryo).named;
        if (listener != null) {
            Class<?> element = type;
            while (element.isArray()) {
                element = element.getComponentType();
            }
            listener.accept(element);
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Serializer getDefaultSerializer(Class type) {
        return choice.of(type);
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"})
    public Registration getRegistration(Class type) {
        Registration known = getClassResolver().getRegistration(type);
        if (known != null) {
            return known;
        }
        Classes classes = (Classes) getClassResolver();
        Class<?> standIn = choice.standIn(type);
        if (standIn == type) {
            return classes.registerImplicit(type);
        }
        Registration registration = getRegistration(standIn);
        classes.alias(type, registration);
        return registration;
    }

    /** A type with a number, whose serializer is made when there is something to write or read. */
    private final class Numbered extends Registration {
        private boolean isMade;

        Numbered(Class<?> type, int number) {
            super(type, NOT_MADE, number);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public Serializer getSerializer() {
            if (!isMade) {
                setSerializer(choice.of(getType()));
                isMade = true;
            }
            return super.getSerializer();
        }
    }

    /** Lets several classes share a registration: one family, one name on the wire. */
    private static final class Classes extends DefaultClassResolver {
        void alias(Class<?> type, Registration registration) {
            classToRegistration.put(type, registration);
        }

        @Override
        @SuppressWarnings("rawtypes")
        protected void writeName(Output output, Class type, Registration registration) {
            super.writeName(output, registration.getType(), registration);
            named(kryo, registration.getType());
        }
    }
}

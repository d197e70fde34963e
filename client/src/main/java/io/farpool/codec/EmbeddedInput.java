package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.io.Input;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what {@link EmbeddedOutput} wrote, and the objects left out as it comes upon them. Confined to one thread. */
final class EmbeddedInput extends ObjectInputStream {
    /** Arrays up to this length are made whatever the stream's size: hash tables are larger than what fills them. */
    private static final int SMALL_ARRAY = 1 << 16;

    private static final int MAX_ELEMENTS_PER_BYTE = 64;

    private final Kryo kryo;
    private final Input input;
    private final int outsideCount;
    private final List<@Nullable Object> outside = new ArrayList<>();
    private @Nullable Class<?> announcedType;
    /** The filter is asked about it next, though Kryo has made it, as long as its bytes allowed. */
    private boolean arrayFromOutside;

    /**
     * Reads the bytes.
     *
     * @param announcedType the class of the object if it may be referred to while it is being read; else null
     */
    EmbeddedInput(byte[] bytes, Kryo kryo, Input input, int outsideCount, @Nullable Class<?> announcedType)
            throws IOException {
        super(new ByteArrayInputStream(bytes));
        this.kryo = kryo;
        this.input = input;
        this.outsideCount = outsideCount;
        this.announcedType = announcedType;
        enableResolveObject(true);
        long maxArray = Math.max(SMALL_ARRAY, (long) bytes.length * MAX_ELEMENTS_PER_BYTE);
        setObjectInputFilter(info -> isAllowed(info.arrayLength(), maxArray)
                ? ObjectInputFilter.Status.UNDECIDED
                : ObjectInputFilter.Status.REJECTED);
    }

    private boolean isAllowed(long arrayLength, long maxArray) {
        boolean isThere = arrayFromOutside;
        arrayFromOutside = false;
        return isThere || arrayLength <= maxArray;
    }

    /** Reads the objects that the object's own hooks passed over, so that Kryo stands where it should. */
    void readRemaining() {
        while (outside.size() < outsideCount) {
            readOutside();
        }
    }

    @Override
    protected @Nullable Object resolveObject(@Nullable Object object) {
        if (!(object instanceof Outside stand)) {
            return object;
        }
        if (stand.index < 0 || stand.index >= outsideCount) {
            throw new KryoException("object " + stand.index + " of " + outsideCount + " is referred to");
        }
        if (announcedType != null && stand.owner != null && stand.owner.getClass() == announcedType) {
            kryo.reference(stand.owner);
        }
        announcedType = null;
        while (outside.size() <= stand.index) {
            readOutside();
        }
        Object found = outside.get(stand.index);
        arrayFromOutside = found != null && found.getClass().isArray();
        return found;
    }

    private void readOutside() {
        outside.add(GraphReferences.of(kryo).readNow(kryo, input, EmbeddedInput.class));
    }

    @Override
    protected ObjectStreamClass readClassDescriptor() throws IOException, ClassNotFoundException {
        String name = readUTF();
        if (name.equals(EmbeddedOutput.IN_FULL)) {
            return super.readClassDescriptor();
        }
        Class<?> type = name.isEmpty() ? Outside.class : Names.load(name, kryo.getClassLoader());
        ObjectStreamClass descriptor = ObjectStreamClass.lookupAny(type);
        if (descriptor == null) {
            throw new InvalidClassException(name, "cannot be described");
        }
        return descriptor;
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass descriptor) throws ClassNotFoundException {
        Class<?> type = descriptor.forClass();
        return type != null ? type : Names.load(descriptor.getName(), kryo.getClassLoader());
    }

    @Override
    @SuppressWarnings("deprecation") // getProxyClass: the stream wants the class, not an instance.
    protected Class<?> resolveProxyClass(String[] interfaceNames) throws ClassNotFoundException {
        Class<?>[] interfaces = new Class<?>[interfaceNames.length];
        for (int i = 0; i < interfaces.length; i++) {
            interfaces[i] = Names.load(interfaceNames[i], kryo.getClassLoader());
        }
        ClassLoader loader = kryo.getClassLoader();
        for (Class<?> type : interfaces) {
            // An interface that is not public must be seen from its own loader.
            if ((type.getModifiers() & java.lang.reflect.Modifier.PUBLIC) == 0) {
                loader = type.getClassLoader();
            }
        }
        try {
            return Proxy.getProxyClass(loader, interfaces);
        } catch (IllegalArgumentException e) {
            throw new ClassNotFoundException("no proxy can be made for " + String.join(", ", interfaceNames), e);
        }
    }

    @Override
    protected void readStreamHeader() {
        // None was written.
    }
}

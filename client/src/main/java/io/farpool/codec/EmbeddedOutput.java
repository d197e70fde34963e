package io.farpool.codec;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Java serialization of one object, leaving out what it holds: see {@link EmbeddedSerializer}. The descriptors of the
 * program's classes are names only, since both ends have the same; those of the JDK's are in full, since the other end's JDK may
 * be another, which then reads what this one wrote as Java serialization promises. Confined to one thread.
 */
final class EmbeddedOutput extends ObjectOutputStream {
    /** In place of a class's name: its descriptor follows as Java writes it. */
    static final String IN_FULL = "=";

    private final IdentityHashMap<Object, Outside> stands = new IdentityHashMap<>();
    private final List<Object> outside = new ArrayList<>();
    private @Nullable Object owner;

    EmbeddedOutput(OutputStream output) throws IOException {
        super(output);
        enableReplaceObject(true);
    }

    /** What was left out, in the order of first appearance. */
    List<Object> outside() {
        return outside;
    }

    @Override
    protected Object replaceObject(Object object) {
        if (owner == null) {
            // The object itself, or what its writeReplace gave.
            owner = object;
            return object;
        }
        if (object instanceof String || object instanceof StackTraceElement || object instanceof StackTraceElement[]) {
            return object;
        }
        return stands.computeIfAbsent(object, left -> {
            outside.add(left);
            return new Outside(owner, outside.size() - 1);
        });
    }

    @Override
    protected void writeClassDescriptor(ObjectStreamClass descriptor) throws IOException {
        Class<?> type = descriptor.forClass();
        if (Platform.owns(type) && !type.isArray()) {
            writeUTF(IN_FULL);
            super.writeClassDescriptor(descriptor);
        } else {
            writeUTF(type == Outside.class ? "" : type.getName());
        }
    }

    @Override
    protected void writeStreamHeader() {
        // Not a stream that anybody else reads.
    }
}

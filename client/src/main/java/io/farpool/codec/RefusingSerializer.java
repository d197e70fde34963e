package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;

/** For a class whose objects are not shipped: says why, when one is met. */
final class RefusingSerializer extends Serializer<Object> {
    private final Class<?> type;
    private final String why;

    RefusingSerializer(Class<?> type, String why) {
        this.type = type;
        this.why = why;
    }

    @Override
    public void write(Kryo kryo, Output output, Object object) {
        throw new RefusedException(object, why, null);
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
        throw new KryoException(ObjectPath.label(type) + " is never serialized, but these bytes claim to hold one");
    }
}

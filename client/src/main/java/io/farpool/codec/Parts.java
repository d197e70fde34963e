package io.farpool.codec;

import org.jspecify.annotations.Nullable;

/** A serializer that can name the objects it would write for one object; used only to find the path to an offending value. */
interface Parts {
    /** How the path goes on to a lambda's captured value. */
    String CAPTURED = ", capturing ";

    /**
     * Visits what the object is made of.
     *
     * @param whole an object this serializer writes
     * @param visitor told each part with its step: ".field", "[3]" or {@link #CAPTURED}
     */
    void parts(Object whole, Visitor visitor);

    /** Told the parts. */
    interface Visitor {
        void part(String step, @Nullable Object part);
    }
}

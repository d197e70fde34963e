package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Every kind of value that has to survive a round trip, each with a check of what comes back. The same table goes through the codec
 * alone and through a real worker process; so its classes must be on the class path of both.
 */
public final class Values {
    private Values() {}

    /**
     * One kind of value.
     *
     * @param name what it is
     * @param make makes a fresh one
     * @param check fails if the second is not what the first ought to have become
     */
    public record Value(String name, Callable<Object> make, Check check) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Compares what was sent with what came back. */
    public interface Check {
        void check(Object sent, Object received) throws Exception;
    }

    /**
     * The table.
     *
     * @return all kinds of value, names being unique
     */
    public static List<Value> all() {
        Table table = new Table();
        JdkValues.addTo(table);
        CollectionValues.addTo(table);
        WrapperValues.addTo(table);
        LambdaValues.addTo(table);
        ClassValues.addTo(table);
        SubclassValues.addTo(table);
        GraphValues.addTo(table);
        HookValues.addTo(table);
        ThrowableValues.addTo(table);
        return List.copyOf(table.values.values());
    }

    /** Collects the rows. */
    static final class Table {
        private final Map<String, Value> values = new LinkedHashMap<>();

        /** Equal, of the same class. */
        void equal(String name, Callable<Object> make) {
            checked(name, make, (sent, received) -> {
                assertThat(received).isEqualTo(sent);
                assertThat(received.getClass()).isEqualTo(sent.getClass());
            });
        }

        /** Equal, of whatever class. */
        void equivalent(String name, Callable<Object> make) {
            checked(name, make, (sent, received) -> assertThat(received).isEqualTo(sent));
        }

        /** The very same object. */
        void same(String name, Callable<Object> make) {
            checked(name, make, (sent, received) -> assertThat(received).isSameAs(sent));
        }

        /** The same elements in the same order, in the same class. */
        void elements(String name, Callable<Object> make) {
            checked(name, make, (sent, received) -> {
                assertThat(received.getClass()).isEqualTo(sent.getClass());
                assertThat(new ArrayList<Object>((java.util.Collection<?>) received))
                        .isEqualTo(new ArrayList<Object>((java.util.Collection<?>) sent));
            });
        }

        /** The same text, in the same class. */
        void text(String name, Callable<Object> make) {
            checked(name, make, (sent, received) -> {
                assertThat(received.getClass()).isEqualTo(sent.getClass());
                assertThat(received.toString()).isEqualTo(sent.toString());
            });
        }

        void checked(String name, Callable<Object> make, Check check) {
            if (values.put(name, new Value(name, make, check)) != null) {
                throw new IllegalArgumentException("two rows are called " + name);
            }
        }
    }
}

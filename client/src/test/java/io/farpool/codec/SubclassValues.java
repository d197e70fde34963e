package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Contract lines 37 and 39: users' classes that extend the JDK's, and proxies. */
final class SubclassValues {
    private SubclassValues() {}

    static void addTo(Values.Table table) {
        table.checked("a user's own list", () -> new Range(3), (sent, received) -> {
            assertThat(received).isInstanceOf(Range.class);
            assertThat(received).isEqualTo(List.of(0, 1, 2));
        });
        table.checked("a user's subclass of ArrayList", () -> new Tagged("tag", 1, 2), (sent, received) -> {
            assertThat(received).isInstanceOf(Tagged.class).isEqualTo(List.of(1, 2));
            assertThat(((Tagged) received).tag).isEqualTo("tag");
        });
        table.checked(
                "double-brace initialization", SubclassValues::doubleBrace, (sent, received) -> assertThat(received)
                        .isEqualTo(List.of("a", "b")));
        table.checked(
                "a user's subclass of LinkedHashMap",
                () -> {
                    Lru<String, Integer> cache = new Lru<>(2);
                    cache.put("a", 1);
                    cache.put("b", 2);
                    return cache;
                },
                (sent, received) -> {
                    @SuppressWarnings("unchecked")
                    Lru<String, Integer> cache = (Lru<String, Integer>) received;
                    cache.get("a");
                    cache.put("c", 3);
                    assertThat(cache.keySet()).containsExactly("a", "c");
                });
        table.checked("a user's subclass of Number", () -> new Meters(3), (sent, received) -> assertThat(
                        ((Meters) received).doubleValue())
                .isEqualTo(3));
        table.checked("dynamic proxy", SubclassValues::proxy, (sent, received) -> {
            assertThat(Proxy.isProxyClass(received.getClass())).isTrue();
            assertThat(((Named) received).name()).isEqualTo("name() of proxied");
        });
        table.checked("proxy whose handler holds it", SubclassValues::selfProxy, (sent, received) -> assertThat(
                        ((SelfHandler) Proxy.getInvocationHandler(received)).proxy)
                .isSameAs(received));
    }

    static class Range extends AbstractList<Integer> {
        private final int size;

        Range(int size) {
            this.size = size;
        }

        @Override
        public Integer get(int index) {
            return Objects.checkIndex(index, size);
        }

        @Override
        public int size() {
            return size;
        }
    }

    static class Tagged extends ArrayList<Integer> {
        private static final long serialVersionUID = 1L;

        final String tag;

        Tagged(String tag, Integer... elements) {
            super(Arrays.asList(elements));
            this.tag = tag;
        }
    }

    @SuppressWarnings({"serial", "DoubleBraceInitialization"})
    private static Object doubleBrace() {
        return new ArrayList<String>() {
            {
                add("a");
                add("b");
            }
        };
    }

    static class Lru<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1L;

        private final int limit;

        Lru(int limit) {
            super(16, 0.75f, true);
            this.limit = limit;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > limit;
        }
    }

    static class Meters extends Number {
        private static final long serialVersionUID = 1L;

        private final double value;

        Meters(double value) {
            this.value = value;
        }

        @Override
        public int intValue() {
            return (int) value;
        }

        @Override
        public long longValue() {
            return (long) value;
        }

        @Override
        public float floatValue() {
            return (float) value;
        }

        @Override
        public double doubleValue() {
            return value;
        }
    }

    interface Named {
        String name();
    }

    private static Object proxy() {
        return Proxy.newProxyInstance(
                SubclassValues.class.getClassLoader(), new Class<?>[] {Named.class}, new Handler("proxied"));
    }

    private static Object selfProxy() {
        SelfHandler handler = new SelfHandler();
        handler.proxy =
                Proxy.newProxyInstance(SubclassValues.class.getClassLoader(), new Class<?>[] {Named.class}, handler);
        return handler.proxy;
    }

    /** Not Serializable, as proxies' handlers often are not. */
    static class Handler implements InvocationHandler {
        private final String owner;

        Handler(String owner) {
            this.owner = owner;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            return method.getName() + "() of " + owner;
        }
    }

    static class SelfHandler implements InvocationHandler {
        Object proxy;

        @Override
        public Object invoke(Object self, Method method, Object[] arguments) {
            return method.getName().equals("hashCode") ? (Object) 1 : method.getName();
        }
    }
}

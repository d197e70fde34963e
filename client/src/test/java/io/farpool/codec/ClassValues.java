package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Contract lines 37 and 39: users' classes of every shape. */
final class ClassValues {
    private ClassValues() {}

    static void addTo(Values.Table table) {
        table.equal("record", () -> new Point(1, -2));
        table.equal("private record in a record", () -> new Segment(new Point(1, 2), null, List.of(new Point(3, 4))));
        table.equal("generic record", () -> new Pair<>("a", new Pair<>(1, Map.of("k", new Point(1, 2)))));
        table.equal(
                "record with all primitives",
                () -> new Primitives((byte) 1, (short) 2, 'c', 3, 4L, 5f, 6d, true, null));
        table.equal("record with a compact constructor", () -> new Positive(3));
        table.equal("record without components", Empty::new);
        table.equal("local record", ClassValues::localRecord);
        table.same("enum", () -> Plain.B);
        table.same("enum with bodies", () -> Operation.TIMES);
        table.checked("array of an enum with bodies", Operation::values, (sent, received) -> assertThat(
                        (Operation[]) received)
                .containsExactly(Operation.values()));
        table.same("enum implementing an interface, as a field", () -> Operation.PLUS);
        table.equal("class that is not Serializable", () -> new Person("Ada", 36, List.of("maths")));
        table.equal("class with superclass fields of the same name", () -> new Sub("sub's", "base's"));
        table.checked("class with all primitive fields", AllFields::new, (sent, received) -> assertThat(received)
                .usingRecursiveComparison()
                .isEqualTo(sent));
        table.checked(
                "constructors do not run",
                () -> {
                    Counted counted = new Counted(5);
                    Counted.MADE.set(0);
                    return counted;
                },
                (sent, received) -> {
                    assertThat(Counted.MADE.get()).isZero();
                    assertThat(((Counted) received).value).isEqualTo(5);
                });
        table.checked(
                "class without a no-argument constructor",
                () -> new Picky(List.of("x")),
                (sent, received) -> assertThat(((Picky) received).list).containsExactly("x"));
        table.checked(
                "inner class with its outer",
                () -> new Outer("out").new Inner("in"),
                (sent, received) -> assertThat(received).hasToString("out.in"));
        table.checked("anonymous class", () -> anonymous("captured"), (sent, received) -> assertThat(
                        ((Supplier<?>) received).get())
                .isEqualTo("captured"));
        table.checked(
                "anonymous class with its outer",
                () -> new Outer("out").anonymous(),
                (sent, received) -> assertThat(((Supplier<?>) received).get()).isEqualTo("out"));
        table.checked("local class capturing a variable", () -> local(17), (sent, received) -> assertThat(received)
                .hasToString("17"));
        table.checked("transient fields are left out", () -> new WithTransient("kept", "dropped"), (sent, received) -> {
            assertThat(((WithTransient) received).kept).isEqualTo("kept");
            assertThat(((WithTransient) received).dropped).isNull();
            assertThat(((WithTransient) received).count).isZero();
        });
        table.checked(
                "transient fields of a class that is not Serializable",
                () -> new PlainTransient("x"),
                (sent, received) ->
                        assertThat(((PlainTransient) received).dropped).isNull());
        table.checked("generic class", () -> new Box<>(new Box<>(List.of(1))), (sent, received) -> assertThat(
                        ((Box<?>) ((Box<?>) received).content).content)
                .isEqualTo(List.of(1)));
        table.checked("a user's own list", () -> new Range(3), (sent, received) -> {
            assertThat(received).isInstanceOf(Range.class);
            assertThat(received).isEqualTo(List.of(0, 1, 2));
        });
        table.checked("a user's subclass of ArrayList", () -> new Tagged("tag", 1, 2), (sent, received) -> {
            assertThat(received).isInstanceOf(Tagged.class).isEqualTo(List.of(1, 2));
            assertThat(((Tagged) received).tag).isEqualTo("tag");
        });
        table.checked("double-brace initialization", ClassValues::doubleBrace, (sent, received) -> assertThat(received)
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
        table.checked("dynamic proxy", ClassValues::proxy, (sent, received) -> {
            assertThat(Proxy.isProxyClass(received.getClass())).isTrue();
            assertThat(((Named) received).name()).isEqualTo("name() of proxied");
        });
        table.checked("proxy whose handler holds it", ClassValues::selfProxy, (sent, received) -> assertThat(
                        ((SelfHandler) Proxy.getInvocationHandler(received)).proxy)
                .isSameAs(received));
        table.checked(
                "cycle of two",
                () -> {
                    Node first = new Node("1");
                    first.next = new Node("2");
                    first.next.next = first;
                    return first;
                },
                (sent, received) -> {
                    Node first = (Node) received;
                    assertThat(first.next.next).isSameAs(first);
                    assertThat(first.next.name).isEqualTo("2");
                });
        table.checked(
                "shared object",
                () -> {
                    Node shared = new Node("shared");
                    return new Object[] {shared, List.of(shared), new ArrayList<>(List.of(shared)), new Box<>(shared)};
                },
                (sent, received) -> {
                    Object[] parts = (Object[]) received;
                    assertThat((Object) ((List<?>) parts[1]).get(0)).isSameAs(parts[0]);
                    assertThat((Object) ((List<?>) parts[2]).get(0)).isSameAs(parts[0]);
                    assertThat(((Box<?>) parts[3]).content).isSameAs(parts[0]);
                });
        table.checked(
                "graph in a set",
                () -> {
                    Node a = new Node("a");
                    Node b = new Node("b");
                    a.peers.add(b);
                    b.peers.add(a);
                    return new ArrayList<>(List.of(a, b));
                },
                (sent, received) -> {
                    List<?> nodes = (List<?>) received;
                    assertThat(((Node) nodes.get(0)).peers).containsExactly((Node) nodes.get(1));
                    assertThat(((Node) nodes.get(1)).peers).containsExactly((Node) nodes.get(0));
                });
        table.checked(
                "record in a cycle through an object",
                () -> {
                    Box<Object> box = new Box<>(null);
                    Pair<Object, Object> pair = new Pair<>("x", box);
                    box.content = pair;
                    return pair;
                },
                (sent, received) -> assertThat(((Box<?>) ((Pair<?, ?>) received).second()).content == received)
                        .isTrue());
        table.checked(
                "10,000 objects",
                () -> {
                    List<Point> points = new ArrayList<>();
                    for (int i = 0; i < 10_000; i++) {
                        points.add(new Point(i, -i));
                    }
                    return points;
                },
                (sent, received) -> assertThat(received).isEqualTo(sent));
        table.checked(
                "linked list of 100,000 nodes",
                () -> {
                    Node last = null;
                    for (int i = 0; i < 100_000; i++) {
                        Node node = new Node("n");
                        node.next = last;
                        last = node;
                    }
                    return last;
                },
                (sent, received) -> {
                    int count = 0;
                    for (Node node = (Node) received; node != null; node = node.next) {
                        count++;
                    }
                    assertThat(count).isEqualTo(100_000);
                });
        table.checked(
                "100,000 nested lists",
                () -> {
                    List<Object> list = new ArrayList<>();
                    for (int i = 0; i < 100_000; i++) {
                        List<Object> outer = new ArrayList<>(1);
                        outer.add(list);
                        list = outer;
                    }
                    return list;
                },
                (sent, received) -> {
                    int depth = 0;
                    for (List<?> list = (List<?>) received; !list.isEmpty(); list = (List<?>) list.get(0)) {
                        depth++;
                    }
                    assertThat(depth).isEqualTo(100_000);
                });
    }

    record Point(int x, int y) {}

    private record Segment(Point from, Point to, List<Point> between) {}

    record Pair<A, B>(A first, B second) {}

    record Primitives(byte a, short b, char c, int d, long e, float f, double g, boolean h, Object i) {}

    record Positive(int value) {
        Positive {
            if (value <= 0) {
                throw new IllegalArgumentException("not positive: " + value);
            }
        }
    }

    record Empty() {}

    private static Object localRecord() {
        record Local(String name) {}
        return new Local("local");
    }

    enum Plain {
        A,
        B
    }

    enum Operation {
        PLUS {
            @Override
            int apply(int a, int b) {
                return a + b;
            }
        },
        TIMES {
            @Override
            int apply(int a, int b) {
                return a * b;
            }
        };

        abstract int apply(int a, int b);
    }

    static final class Person {
        private final String name;
        private final int age;
        private final List<String> skills;

        Person(String name, int age, List<String> skills) {
            this.name = name;
            this.age = age;
            this.skills = skills;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Person that
                    && name.equals(that.name)
                    && age == that.age
                    && skills.equals(that.skills);
        }

        @Override
        public int hashCode() {
            return Objects.hash(name, age, skills);
        }
    }

    static class Base {
        private final String name;

        Base(String name) {
            this.name = name;
        }
    }

    static class Sub extends Base {
        private final String name;

        Sub(String name, String baseName) {
            super(baseName);
            this.name = name;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Sub that && name.equals(that.name) && ((Base) this).name.equals(((Base) that).name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    @SuppressWarnings("unused")
    static class AllFields {
        byte a = -1;
        short b = -2;
        char c = 'ü';
        int d = Integer.MIN_VALUE;
        long e = Long.MIN_VALUE;
        float f = Float.MIN_VALUE;
        double g = Double.MAX_VALUE;
        boolean h = true;
        Integer boxed = 7;
        Boolean nothing;
        int[] ints = {1, 2};
        String[] strings = {"a"};
        Object any = 3L;
        final int constant = 9;
        volatile String changing = "v";
        Plain plain = Plain.A;
        Class<?> type = int.class;
    }

    static class Counted {
        static final AtomicInteger MADE = new AtomicInteger();
        int value;

        Counted() {
            MADE.incrementAndGet();
        }

        Counted(int value) {
            this.value = value;
        }
    }

    static class Picky {
        final List<String> list;

        Picky(List<String> list) {
            this.list = Objects.requireNonNull(list);
        }
    }

    static class Outer {
        private final String name;

        Outer(String name) {
            this.name = name;
        }

        Supplier<String> anonymous() {
            return new Supplier<>() {
                @Override
                public String get() {
                    return name;
                }
            };
        }

        class Inner {
            private final String own;

            Inner(String own) {
                this.own = own;
            }

            @Override
            public String toString() {
                return name + "." + own;
            }
        }
    }

    private static Supplier<String> anonymous(String captured) {
        return new Supplier<>() {
            @Override
            public String get() {
                return captured;
            }
        };
    }

    private static Object local(int number) {
        class Local {
            @Override
            public String toString() {
                return String.valueOf(number);
            }
        }
        return new Local();
    }

    static class WithTransient implements Serializable {
        private static final long serialVersionUID = 1L;

        final String kept;
        transient String dropped;
        transient int count = 3;

        WithTransient(String kept, String dropped) {
            this.kept = kept;
            this.dropped = dropped;
        }
    }

    static class PlainTransient {
        transient String dropped;

        PlainTransient(String dropped) {
            this.dropped = dropped;
        }
    }

    static class Box<T> {
        T content;

        Box(T content) {
            this.content = content;
        }
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
                ClassValues.class.getClassLoader(), new Class<?>[] {Named.class}, new Handler("proxied"));
    }

    private static Object selfProxy() {
        SelfHandler handler = new SelfHandler();
        handler.proxy =
                Proxy.newProxyInstance(ClassValues.class.getClassLoader(), new Class<?>[] {Named.class}, handler);
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

    static class Node {
        final String name;
        Node next;
        final Set<Node> peers = new HashSet<>(1);
        final Map<String, Node> byName = new HashMap<>(1);

        Node(String name) {
            this.name = name;
        }
    }
}

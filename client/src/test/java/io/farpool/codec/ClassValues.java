package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Contract lines 37 and 39: users' records, enums and classes of every shape. */
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
}

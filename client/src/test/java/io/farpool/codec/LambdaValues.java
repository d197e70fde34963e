package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Contract line 37: lambdas and method references of every kind. */
final class LambdaValues {
    private LambdaValues() {}

    interface Make<T> extends Supplier<T>, Serializable {}

    interface Apply<A, R> extends Function<A, R>, Serializable {}

    interface Combine<A, B, R> extends BiFunction<A, B, R>, Serializable {}

    interface NewArray<T> extends IntFunction<T[]>, Serializable {}

    interface Primitive extends Serializable {
        double of(int a, long b, boolean c);
    }

    static void addTo(Values.Table table) {
        gives(table, "lambda without captures", () -> () -> "plain", "plain");
        int number = 42;
        String text = "text";
        gives(table, "lambda capturing locals", () -> () -> text + number, "text42");
        byte small = 1;
        short shortNumber = 2;
        char letter = 'c';
        long large = 3;
        float fraction = 0.5f;
        double precise = 0.25;
        boolean flag = true;
        gives(
                table,
                "lambda capturing all primitives",
                () -> () -> "" + small + shortNumber + letter + large + fraction + precise + flag,
                "12c30.50.25true");
        gives(table, "lambda capturing this", () -> new Holder("held").lambda(), "held");
        gives(
                table,
                "lambda capturing a class that is not Serializable",
                () -> {
                    Holder holder = new Holder("not serializable");
                    return () -> holder.name;
                },
                "not serializable");
        gives(
                table,
                "lambda capturing null",
                () -> {
                    Object nothing = null;
                    return () -> "got " + nothing;
                },
                "got null");
        gives(
                table,
                "lambda capturing another lambda",
                () -> {
                    Make<String> inner = () -> "inner" + number;
                    return () -> inner.get() + "!";
                },
                "inner42!");
        gives(table, "lambda within a lambda", () -> () -> ((Make<String>) () -> text + "!").get(), "text!");
        gives(
                table,
                "lambda capturing List.of",
                () -> {
                    List<Integer> list = List.of(1, 2);
                    return () -> list.toString();
                },
                "[1, 2]");
        gives(
                table,
                "lambda of an inner class, capturing its outer",
                () -> new Holder("outer").new Inner().lambda(),
                "outer inner");
        gives(table, "lambda in an interface", Greeter::greeting, "hello");
        gives(table, "method reference: bound", () -> "bound"::toUpperCase, "BOUND");
        gives(table, "method reference: bound to an object of a user", () -> new Holder("bound")::name, "bound");
        gives(table, "method reference: constructor", () -> StringBuilder::new, "");
        gives(table, "method reference: private static", () -> LambdaValues::secret, "secret");
        gives(table, "method reference: super", () -> new Child().parents(), "parent");
        table.checked(
                "method reference: static",
                () -> (Apply<String, Integer>) Integer::parseInt,
                (sent, received) -> assertThat(
                                LambdaValues.<String, Integer>apply(received).apply("7"))
                        .isEqualTo(7));
        table.checked(
                "method reference: unbound",
                () -> (Apply<String, Integer>) String::length,
                (sent, received) -> assertThat(
                                LambdaValues.<String, Integer>apply(received).apply("abc"))
                        .isEqualTo(3));
        table.checked(
                "method reference: unbound interface method",
                () -> (Apply<List<?>, Integer>) List::size,
                (sent, received) -> assertThat(
                                LambdaValues.<List<?>, Integer>apply(received).apply(List.of(1)))
                        .isEqualTo(1));
        table.checked(
                "method reference: unbound with an argument",
                () -> (Combine<String, String, String>) String::concat,
                (sent, received) -> {
                    @SuppressWarnings("unchecked")
                    Combine<String, String, String> concat = (Combine<String, String, String>) received;
                    assertThat(concat.apply("a", "b")).isEqualTo("ab");
                });
        table.checked(
                "method reference: array constructor",
                () -> (NewArray<String>) String[]::new,
                (sent, received) -> assertThat(((NewArray<?>) received).apply(3))
                        .isInstanceOf(String[].class)
                        .hasSize(3));
        table.checked(
                "method reference: varargs",
                () -> (Apply<String, List<String>>) List::of,
                (sent, received) -> assertThat(LambdaValues.<String, List<String>>apply(received)
                                .apply("x"))
                        .containsExactly("x"));
        table.checked(
                "lambda on primitives", () -> (Primitive) (a, b, c) -> c ? a + b : 0, (sent, received) -> assertThat(
                                ((Primitive) received).of(1, 2, true))
                        .isEqualTo(3));
        table.checked("generic lambda", () -> LambdaValues.<String>identity(), (sent, received) -> assertThat(
                        LambdaValues.<String, String>apply(received).apply("same"))
                .isEqualTo("same"));
        table.checked("lambda cast to an intersection", () -> (Runnable & Serializable) () -> {}, (sent, received) -> {
            ((Runnable) received).run();
            assertThat(received).isInstanceOf(Serializable.class);
        });
        table.checked(
                "comparators of the JDK",
                () -> Comparator.comparing((Apply<String, Integer>) String::length)
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()),
                (sent, received) -> {
                    @SuppressWarnings("unchecked")
                    Comparator<String> comparator = (Comparator<String>) received;
                    List<String> list = new ArrayList<>(List.of("a", "ccc", "bb", "aa"));
                    list.sort(comparator);
                    assertThat(list).containsExactly("ccc", "aa", "bb", "a");
                });
        table.checked("Map.Entry.comparingByValue", Map.Entry::<String, Integer>comparingByValue, (sent, received) -> {
            @SuppressWarnings("unchecked")
            Comparator<Map.Entry<String, Integer>> comparator = (Comparator<Map.Entry<String, Integer>>) received;
            assertThat(comparator.compare(Map.entry("a", 1), Map.entry("b", 2))).isNegative();
        });
        table.checked(
                "a lambda twice is one lambda",
                () -> {
                    Make<String> lambda = () -> text;
                    return List.of(lambda, lambda);
                },
                (sent, received) ->
                        assertThat((Object) ((List<?>) received).get(0)).isSameAs(((List<?>) received).get(1)));
        table.checked("an object whose lambda captures it", SelfReferring::new, (sent, received) -> {
            SelfReferring copy = (SelfReferring) received;
            assertThat(copy.self.get()).isSameAs(copy);
        });
        table.checked(
                "a lambda capturing the object that holds it", () -> new SelfReferring().self, (sent, received) -> {
                    SelfReferring copy = (SelfReferring) ((Make<?>) received).get();
                    assertThat((Object) copy.self).isSameAs(received);
                });
        table.checked(
                "a lambda in a list that it captures",
                () -> {
                    List<Object> list = new ArrayList<>();
                    list.add((Make<Object>) () -> list);
                    return list.get(0);
                },
                (sent, received) -> assertThat(((List<?>) ((Make<?>) received).get()).get(0) == received)
                        .isTrue());
    }

    private static void gives(
            Values.Table table, String name, java.util.concurrent.Callable<Make<?>> make, String result) {
        table.checked(name, make::call, (sent, received) -> assertThat(((Make<?>) received).get())
                .hasToString(result));
    }

    @SuppressWarnings("unchecked")
    private static <A, R> Apply<A, R> apply(Object received) {
        return (Apply<A, R>) received;
    }

    @SuppressWarnings("UnnecessaryLambda")
    private static <T> Apply<T, T> identity() {
        return value -> value;
    }

    private static String secret() {
        return "secret";
    }

    interface Greeter {
        static Make<String> greeting() {
            return () -> "hello";
        }
    }

    /** Not Serializable. */
    static class Holder {
        private final String name;

        Holder(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }

        Make<String> lambda() {
            return () -> this.name;
        }

        class Inner {
            Make<String> lambda() {
                return () -> name + " inner";
            }
        }
    }

    static class Parent {
        String who() {
            return "parent";
        }
    }

    static class Child extends Parent {
        @Override
        String who() {
            return "child";
        }

        Make<String> parents() {
            return super::who;
        }
    }

    static class SelfReferring {
        final Make<SelfReferring> self = () -> this;
    }
}

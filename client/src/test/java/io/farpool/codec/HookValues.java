package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Externalizable;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Contract line 39: Java serialization's hooks do what Java says, also among objects that know nothing of it. */
final class HookValues {
    private HookValues() {}

    static void addTo(Values.Table table) {
        table.checked("writeObject and readObject", () -> new Celsius(20), (sent, received) -> {
            assertThat(((Celsius) received).degrees).isEqualTo(20);
            assertThat(((Celsius) received).fahrenheit).isEqualTo(68);
        });
        table.checked("writeObject that puts named fields", () -> new Renamed("a", 3), (sent, received) -> {
            assertThat(((Renamed) received).name).isEqualTo("a");
            assertThat(((Renamed) received).size).isEqualTo(3);
        });
        table.same("readResolve to a singleton", () -> Singleton.INSTANCE);
        table.checked("writeReplace by a proxy", () -> new Money(5, "EUR"), (sent, received) -> {
            assertThat(received).isInstanceOf(Money.class).hasToString("5 EUR");
        });
        table.checked(
                "a writeReplaced object twice is one",
                () -> {
                    Money money = new Money(5, "EUR");
                    return new ArrayList<>(List.of(money, money));
                },
                (sent, received) ->
                        assertThat((Object) ((List<?>) received).get(0)).isSameAs(((List<?>) received).get(1)));
        table.checked(
                "writeReplace inherited", () -> new SpecialMoney(7), (sent, received) -> assertThat(received.getClass())
                        .isEqualTo(Money.class));
        table.checked("writeReplace to null", Vanishing::new, (sent, received) -> assertThat(received)
                .isNull());
        table.checked(
                "writeReplace to null among others",
                () -> {
                    Vanishing vanishing = new Vanishing();
                    return new ArrayList<Object>(List.of("a", vanishing, vanishing, "b"));
                },
                (sent, received) ->
                        assertThat((List<?>) received).isEqualTo(java.util.Arrays.asList("a", null, null, "b")));
        table.checked("Externalizable", () -> new Outward("text", 7), (sent, received) -> {
            assertThat(((Outward) received).text).isEqualTo("text");
            assertThat(((Outward) received).number).isEqualTo(7);
            assertThat(((Outward) received).constructed).isTrue();
        });
        table.checked(
                "record with writeReplace and readResolve",
                () -> new Folded("abc"),
                (sent, received) -> assertThat(received).isEqualTo(new Folded("ABC")));
        table.checked("serialPersistentFields", () -> new Chosen("kept", "left out"), (sent, received) -> {
            assertThat(((Chosen) received).kept).isEqualTo("kept");
            assertThat(((Chosen) received).leftOut).isNull();
        });
        table.checked("readObject that validates, with final fields", () -> new Validated(1, 2), (sent, received) -> {
            assertThat(((Validated) received).from).isEqualTo(1);
            assertThat(((Validated) received).to).isEqualTo(2);
        });
        table.checked("hooks at several levels", () -> new Lower("u", "l"), (sent, received) -> {
            assertThat(((Lower) received).upper).isEqualTo("u");
            assertThat(((Lower) received).lower).isEqualTo("l");
            assertThat(((Lower) received).reads).isEqualTo("upper lower");
        });
        table.checked(
                "a superclass that is not Serializable is constructed", () -> new Derived("d"), (sent, received) -> {
                    assertThat(((Derived) received).own).isEqualTo("d");
                    assertThat(((Derived) received).constructed).isEqualTo("by Unserializable()");
                });
        table.checked(
                "hooked class holding what is not Serializable",
                () -> new Keeper(new GraphValues.Node("n")),
                (sent, received) -> assertThat(((GraphValues.Node) ((Keeper) received).kept).name)
                        .isEqualTo("n"));
        table.checked(
                "hooked class holding a lambda",
                () -> new Keeper((LambdaValues.Make<String>) () -> "made"),
                (sent, received) -> assertThat(((LambdaValues.Make<?>) ((Keeper) received).kept).get())
                        .isEqualTo("made"));
        table.checked(
                "hooked class holding itself",
                () -> {
                    Keeper keeper = new Keeper(null);
                    keeper.kept = keeper;
                    return keeper;
                },
                (sent, received) -> assertThat(((Keeper) received).kept).isSameAs(received));
        table.checked(
                "cycle of two hooked objects",
                () -> {
                    Keeper first = new Keeper(null);
                    first.kept = new Keeper(first);
                    return first;
                },
                (sent, received) ->
                        assertThat(((Keeper) ((Keeper) received).kept).kept).isSameAs(received));
        table.checked(
                "cycle of a hooked object, a plain one and collections",
                () -> {
                    Keeper keeper = new Keeper(null);
                    keeper.kept = new ArrayList<>(List.of(
                            new ClassValues.Box<>(Collections.unmodifiableList(new ArrayList<>(List.of(keeper))))));
                    return keeper;
                },
                (sent, received) -> {
                    ClassValues.Box<?> box = (ClassValues.Box<?>) ((List<?>) ((Keeper) received).kept).get(0);
                    assertThat(((List<?>) box.content).get(0) == received).isTrue();
                });
        table.checked(
                "identity across hooked and plain objects",
                () -> {
                    GraphValues.Node shared = new GraphValues.Node("s");
                    return new Object[] {
                        new Keeper(shared), shared, new Keeper(shared), new HashMap<>(Map.of("k", shared))
                    };
                },
                (sent, received) -> {
                    Object[] parts = (Object[]) received;
                    assertThat(((Keeper) parts[0]).kept).isSameAs(parts[1]);
                    assertThat(((Keeper) parts[2]).kept).isSameAs(parts[1]);
                    assertThat((Object) ((Map<?, ?>) parts[3]).get("k")).isSameAs(parts[1]);
                });
        table.checked(
                "hooked object that skips what was written",
                () -> new ArrayList<>(List.of(new Skipper(), "after")),
                (sent, received) ->
                        assertThat((Object) ((List<?>) received).get(1)).isEqualTo("after"));
        table.checked(
                "chain of 5,000 hooked objects",
                () -> {
                    Keeper last = new Keeper(null);
                    for (int i = 1; i < 5_000; i++) {
                        last = new Keeper(last);
                    }
                    return last;
                },
                (sent, received) -> {
                    int count = 0;
                    for (Keeper keeper = (Keeper) received; keeper != null; keeper = (Keeper) keeper.kept) {
                        count++;
                    }
                    assertThat(count).isEqualTo(5_000);
                });
    }

    static class Celsius implements Serializable {
        private static final long serialVersionUID = 1L;

        final int degrees;
        transient int fahrenheit;

        Celsius(int degrees) {
            this.degrees = degrees;
        }

        private void writeObject(ObjectOutputStream output) throws IOException {
            output.defaultWriteObject();
            output.writeInt(degrees * 9 / 5 + 32);
            output.writeObject("end");
        }

        private void readObject(ObjectInputStream input) throws IOException, ClassNotFoundException {
            input.defaultReadObject();
            fahrenheit = input.readInt();
            if (!"end".equals(input.readObject())) {
                throw new InvalidObjectException("the end is missing");
            }
        }
    }

    static class Renamed implements Serializable {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("unused") // Read by Java serialization.
        private static final ObjectStreamField[] serialPersistentFields = {
            new ObjectStreamField("alias", String.class), new ObjectStreamField("length", int.class)
        };

        transient String name;
        transient int size;

        Renamed(String name, int size) {
            this.name = name;
            this.size = size;
        }

        private void writeObject(ObjectOutputStream output) throws IOException {
            ObjectOutputStream.PutField fields = output.putFields();
            fields.put("alias", name);
            fields.put("length", size);
            output.writeFields();
        }

        private void readObject(ObjectInputStream input) throws IOException, ClassNotFoundException {
            ObjectInputStream.GetField fields = input.readFields();
            name = (String) fields.get("alias", null);
            size = fields.get("length", 0);
        }
    }

    static final class Singleton implements Serializable {
        private static final long serialVersionUID = 1L;
        static final Singleton INSTANCE = new Singleton();

        private Object readResolve() {
            return INSTANCE;
        }
    }

    static class Money implements Serializable {
        private static final long serialVersionUID = 1L;

        private final int amount;
        private final String currency;

        Money(int amount, String currency) {
            this.amount = amount;
            this.currency = currency;
        }

        protected Object writeReplace() {
            return new MoneyForm(amount + " " + currency);
        }

        private void readObject(ObjectInputStream input) throws InvalidObjectException {
            throw new InvalidObjectException("only its form is read");
        }

        @Override
        public String toString() {
            return amount + " " + currency;
        }
    }

    static class SpecialMoney extends Money {
        private static final long serialVersionUID = 1L;

        SpecialMoney(int amount) {
            super(amount, "XXX");
        }
    }

    private record MoneyForm(String text) implements Serializable {
        private Object readResolve() {
            String[] parts = text.split(" ", -1);
            return new Money(Integer.parseInt(parts[0]), parts[1]);
        }
    }

    static class Vanishing implements Serializable {
        private static final long serialVersionUID = 1L;

        private Object writeReplace() {
            return null;
        }
    }

    public static class Outward implements Externalizable {
        String text;
        int number;
        final boolean constructed;

        public Outward() {
            constructed = true;
        }

        Outward(String text, int number) {
            this();
            this.text = text;
            this.number = number;
        }

        @Override
        public void writeExternal(ObjectOutput output) throws IOException {
            output.writeObject(text);
            output.writeInt(number);
        }

        @Override
        public void readExternal(ObjectInput input) throws IOException, ClassNotFoundException {
            text = (String) input.readObject();
            number = input.readInt();
        }
    }

    record Folded(String text) implements Serializable {
        private Object readResolve() {
            return new Folded(text.toUpperCase(java.util.Locale.ROOT));
        }
    }

    static class Chosen implements Serializable {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("unused") // Read by Java serialization.
        private static final ObjectStreamField[] serialPersistentFields = {new ObjectStreamField("kept", String.class)};

        String kept;
        String leftOut;

        Chosen(String kept, String leftOut) {
            this.kept = kept;
            this.leftOut = leftOut;
        }
    }

    static class Validated implements Serializable {
        private static final long serialVersionUID = 1L;

        final int from;
        final int to;

        Validated(int from, int to) {
            this.from = from;
            this.to = to;
        }

        private void readObject(ObjectInputStream input) throws IOException, ClassNotFoundException {
            input.defaultReadObject();
            if (from > to) {
                throw new InvalidObjectException(from + " > " + to);
            }
        }
    }

    static class Upper implements Serializable {
        private static final long serialVersionUID = 1L;

        final String upper;
        transient String reads;

        Upper(String upper) {
            this.upper = upper;
        }

        private void readObject(ObjectInputStream input) throws IOException, ClassNotFoundException {
            input.defaultReadObject();
            reads = "upper";
        }
    }

    static class Lower extends Upper {
        private static final long serialVersionUID = 1L;

        final String lower;

        Lower(String upper, String lower) {
            super(upper);
            this.lower = lower;
        }

        private void readObject(ObjectInputStream input) throws IOException, ClassNotFoundException {
            input.defaultReadObject();
            reads += " lower";
        }
    }

    static class Unserializable {
        transient String constructed;

        Unserializable() {
            constructed = "by Unserializable()";
        }
    }

    static class Derived extends Unserializable implements Serializable {
        private static final long serialVersionUID = 1L;

        final String own;

        Derived(String own) {
            this.own = own;
            constructed = "by Derived";
        }
    }

    /** What it keeps need not be Serializable. */
    static class Keeper implements Serializable {
        private static final long serialVersionUID = 1L;

        Object kept;

        Keeper(Object kept) {
            this.kept = kept;
        }

        private void writeObject(ObjectOutputStream output) throws IOException {
            output.defaultWriteObject();
        }

        private void readObject(ObjectInputStream input) throws IOException, ClassNotFoundException {
            input.defaultReadObject();
        }
    }

    static class Skipper implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream output) throws IOException {
            output.defaultWriteObject();
            output.writeObject(new GraphValues.Node("never read"));
            output.writeObject(List.of(1));
        }

        private void readObject(ObjectInputStream input) throws IOException, ClassNotFoundException {
            input.defaultReadObject();
        }
    }
}

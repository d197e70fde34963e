package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Set;
import java.util.Stack;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.WeakHashMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Contract line 38: the JDK's collections. */
@SuppressWarnings({"JdkObsolete", "IdentityHashMapUsage"})
final class CollectionValues {
    private CollectionValues() {}

    static void addTo(Values.Table table) {
        lists(table);
        sets(table);
        maps(table);
        queues(table);
    }

    private static void lists(Values.Table table) {
        table.equal("ArrayList", () -> new ArrayList<>(Arrays.asList(1, null, "b")));
        table.equal("LinkedList", () -> new LinkedList<>(List.of(1, 2)));
        table.equal("Vector", () -> new Vector<>(List.of(1, 2)));
        table.equal("Stack", () -> {
            Stack<Object> stack = new Stack<>();
            stack.push("x");
            return stack;
        });
        table.equal("CopyOnWriteArrayList", () -> new CopyOnWriteArrayList<>(List.of(1, 2)));
        table.equal("List.of()", List::of);
        table.equal("List.of(1)", () -> List.of("a"));
        table.equal("List.of(3)", () -> List.of(1, "b", List.of(2)));
        table.equal(
                "List.copyOf", () -> List.copyOf(IntStream.range(0, 100).boxed().toList()));
        table.equal("Stream.toList with null", () -> Stream.of("a", null).toList());
        table.equal("Collectors.toUnmodifiableList", () -> Stream.of(1, 2, 3).collect(Collectors.toUnmodifiableList()));
        table.checked("Arrays.asList", () -> Arrays.asList("a", "b", null), (sent, received) -> {
            assertThat(received).isEqualTo(sent);
            assertThat(received.getClass()).isEqualTo(sent.getClass());
            @SuppressWarnings("unchecked")
            List<Object> list = (List<Object>) received;
            list.set(0, "changed");
            assertThat(list).startsWith("changed");
        });
        table.equivalent("ArrayList.subList", () -> new ArrayList<>(List.of(1, 2, 3, 4)).subList(1, 3));
        table.equivalent("LinkedList.subList", () -> new LinkedList<>(List.of(1, 2, 3, 4)).subList(1, 3));
        table.equivalent("Arrays.asList.subList", () -> Arrays.asList(1, 2, 3).subList(1, 2));
        table.equivalent("List.of.subList", () -> List.of(1, 2, 3, 4).subList(1, 3));
        table.equal("Collections.nCopies", () -> Collections.nCopies(1_000_000, "same"));
        table.checked("a list that holds itself", CollectionValues::listInItself, (sent, received) -> assertThat(
                        (Object) ((List<?>) received).get(0))
                .isSameAs(received));
        table.equal(
                "10,000 boxed numbers",
                () -> IntStream.range(0, 10_000).boxed().collect(Collectors.toCollection(ArrayList::new)));
    }

    private static Object listInItself() {
        List<Object> list = new ArrayList<>();
        list.add(list);
        return list;
    }

    private static void sets(Values.Table table) {
        table.equal("HashSet", () -> new HashSet<>(Arrays.asList(1, null, "b")));
        table.elements("LinkedHashSet", () -> new LinkedHashSet<>(List.of(3, 1, 2)));
        table.elements("TreeSet", () -> new TreeSet<>(Set.of(3, 1, 2)));
        table.elements("TreeSet reversed", () -> reversed(new TreeSet<>(Comparator.reverseOrder()), 1, 2, 3));
        table.elements(
                "ConcurrentSkipListSet", () -> reversed(new ConcurrentSkipListSet<>(Comparator.reverseOrder()), 1, 2));
        table.equal("CopyOnWriteArraySet", () -> new CopyOnWriteArraySet<>(List.of(1, 2)));
        table.equal("ConcurrentHashMap.newKeySet", () -> reversed(ConcurrentHashMap.newKeySet(), 1, 2));
        table.equal("Set.of()", Set::of);
        table.equal("Set.of(1)", () -> Set.of("a"));
        table.equal("Set.of(3)", () -> Set.of(1, 2, 3));
        table.equal("EnumSet", () -> EnumSet.of(DayOfWeek.MONDAY, DayOfWeek.FRIDAY));
        table.equal("empty EnumSet", () -> EnumSet.noneOf(DayOfWeek.class));
        table.checked("empty EnumSet takes its enum", () -> EnumSet.noneOf(DayOfWeek.class), (sent, received) -> {
            @SuppressWarnings("unchecked")
            Set<DayOfWeek> set = (Set<DayOfWeek>) received;
            assertThat(set.add(DayOfWeek.SUNDAY)).isTrue();
        });
        table.equivalent("HashMap.keySet", () -> new HashMap<>(Map.of(1, 2)).keySet());
        table.equivalent("HashMap.entrySet", () -> new HashMap<>(Map.of(1, 2)).entrySet());
        table.equivalent("TreeMap.keySet", () -> new TreeMap<>(Map.of(1, 2, 3, 4)).keySet());
        table.equivalent("TreeSet.headSet", () -> new TreeSet<>(Set.of(1, 2, 3)).headSet(3));
        table.equivalent("TreeSet.descendingSet", () -> new TreeSet<>(Set.of(1, 2, 3)).descendingSet());
        table.checked("HashMap.values", () -> new HashMap<>(Map.of(1, "x")).values(), (sent, received) -> assertThat(
                        (Object) List.copyOf((java.util.Collection<?>) received))
                .isEqualTo(List.of("x")));
    }

    static <C extends java.util.Collection<Integer>> C reversed(C collection, Integer... elements) {
        Collections.addAll(collection, elements);
        return collection;
    }

    private static void maps(Values.Table table) {
        table.equal("HashMap", () -> {
            Map<Object, Object> map = new HashMap<>();
            map.put(null, 1);
            map.put("a", null);
            return map;
        });
        table.checked("LinkedHashMap", () -> linked(false), CollectionValues::sameEntriesInOrder);
        table.checked("LinkedHashMap in order of access", () -> linked(true), (sent, received) -> {
            sameEntriesInOrder(sent, received);
            @SuppressWarnings("unchecked")
            Map<String, Integer> map = (Map<String, Integer>) received;
            map.get("z");
            assertThat(map.keySet()).containsExactly("y", "x", "z");
        });
        table.checked("TreeMap", () -> new TreeMap<>(Map.of(3, "c", 1, "a")), CollectionValues::sameEntriesInOrder);
        table.checked(
                "TreeMap with comparator",
                () -> {
                    Map<String, Integer> map = new TreeMap<>(Comparator.comparing(
                                    (LambdaValues.Apply<String, Integer>) String::length, Comparator.reverseOrder())
                            .thenComparing(Comparator.naturalOrder()));
                    map.putAll(Map.of("a", 1, "bb", 2, "cc", 3));
                    return map;
                },
                CollectionValues::sameEntriesInOrder);
        table.checked(
                "TreeMap ignoring case",
                () -> {
                    Map<String, Integer> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
                    map.put("Key", 1);
                    return map;
                },
                (sent, received) ->
                        assertThat(((Map<?, ?>) received).get("KEY")).isEqualTo(1));
        table.equivalent("TreeMap.headMap", () -> new TreeMap<>(Map.of(1, 2, 3, 4)).headMap(2));
        table.equivalent("TreeMap.descendingMap", () -> new TreeMap<>(Map.of(1, 2, 3, 4)).descendingMap());
        table.equal("ConcurrentHashMap", () -> new ConcurrentHashMap<>(Map.of(1, 2)));
        table.checked(
                "ConcurrentSkipListMap",
                () -> {
                    NavigableMap<Integer, Integer> map = new ConcurrentSkipListMap<>(Collections.reverseOrder());
                    map.putAll(Map.of(1, 2, 3, 4));
                    return map;
                },
                CollectionValues::sameEntriesInOrder);
        table.equal("Hashtable", () -> new Hashtable<>(Map.of(1, 2)));
        table.checked("IdentityHashMap", () -> new IdentityHashMap<>(Map.of(DayOfWeek.MONDAY, 2)), (sent, received) -> {
            assertThat(received).isInstanceOf(IdentityHashMap.class);
            assertThat(((Map<?, ?>) received).get(DayOfWeek.MONDAY)).isEqualTo(2);
        });
        table.equal("WeakHashMap", () -> new WeakHashMap<>(Map.of(DayOfWeek.MONDAY, 2)));
        table.equal("Map.of()", Map::of);
        table.equal("Map.of(1)", () -> Map.of("a", 1));
        table.equal("Map.of(3)", () -> Map.of("a", 1, "b", 2, "c", 3));
        table.equivalent("Map.entry", () -> Map.entry("a", 1));
        table.equivalent(
                "HashMap's entry",
                () -> new HashMap<>(Map.of(1, 2)).entrySet().iterator().next());
        table.equal("SimpleEntry", () -> new AbstractMap.SimpleEntry<>("a", null));
        table.equal("SimpleImmutableEntry", () -> new AbstractMap.SimpleImmutableEntry<>("a", 1));
        table.equal("EnumMap", () -> new EnumMap<>(Map.of(DayOfWeek.MONDAY, "m")));
        table.checked("empty EnumMap", () -> new EnumMap<>(DayOfWeek.class), (sent, received) -> {
            @SuppressWarnings("unchecked")
            Map<DayOfWeek, String> map = (Map<DayOfWeek, String>) received;
            assertThat(map.put(DayOfWeek.SUNDAY, "s")).isNull();
        });
        table.checked(
                "Properties with defaults",
                () -> {
                    Properties defaults = new Properties();
                    defaults.setProperty("a", "1");
                    return new Properties(defaults);
                },
                (sent, received) ->
                        assertThat(((Properties) received).getProperty("a")).isEqualTo("1"));
        table.equal(
                "map of lists of maps",
                () -> new HashMap<>(Map.of(
                        "k", new ArrayList<>(List.of(new HashMap<>(Map.of(1, new TreeMap<>(Map.of("x", 2)))))))));
    }

    private static Map<String, Integer> linked(boolean accessOrder) {
        Map<String, Integer> map = new LinkedHashMap<>(16, 0.75f, accessOrder);
        map.put("z", 1);
        map.put("y", 2);
        map.put("x", 3);
        return map;
    }

    private static void sameEntriesInOrder(Object sent, Object received) {
        assertThat(received.getClass()).isEqualTo(sent.getClass());
        assertThat(received.toString()).isEqualTo(sent.toString());
        assertThat(received).isEqualTo(sent);
    }

    private static void queues(Values.Table table) {
        table.elements("ArrayDeque", () -> new ArrayDeque<>(List.of(1, 2)));
        table.elements("PriorityQueue", () -> new PriorityQueue<>(List.of(3, 1, 2)));
        table.checked(
                "PriorityQueue with comparator",
                () -> reversed(new PriorityQueue<>(Comparator.reverseOrder()), 1, 3, 2),
                (sent, received) -> assertThat((Object) ((PriorityQueue<?>) received).remove())
                        .isEqualTo(3));
        table.elements("ConcurrentLinkedQueue", () -> new ConcurrentLinkedQueue<>(List.of(1, 2)));
        table.elements("ConcurrentLinkedDeque", () -> new ConcurrentLinkedDeque<>(List.of(1, 2)));
        table.checked(
                "bounded LinkedBlockingQueue",
                () -> reversed(new LinkedBlockingQueue<>(3), 1, 2),
                (sent, received) -> assertThat(((LinkedBlockingQueue<?>) received).remainingCapacity())
                        .isEqualTo(1));
        table.elements("LinkedBlockingDeque", () -> new LinkedBlockingDeque<>(List.of(1, 2)));
        table.elements("ArrayBlockingQueue", () -> reversed(new ArrayBlockingQueue<>(3), 1, 2));
        table.elements("PriorityBlockingQueue", () -> new PriorityBlockingQueue<>(List.of(1, 2)));
        table.equal("BitSet", () -> BitSet.valueOf(new long[] {5, 0, -1}));
    }
}

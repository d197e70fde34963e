package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Contract line 38: what {@code java.util.Collections} makes. */
@SuppressWarnings("JdkObsolete")
final class WrapperValues {
    private WrapperValues() {}

    static void addTo(Values.Table table) {
        table.equal("Collections.emptyList", Collections::emptyList);
        table.equal("Collections.emptySet", Collections::emptySet);
        table.equal("Collections.emptyMap", Collections::emptyMap);
        table.equal("Collections.emptySortedSet", Collections::emptySortedSet);
        table.equal("Collections.emptySortedMap", Collections::emptySortedMap);
        table.equal("Collections.emptyNavigableSet", Collections::emptyNavigableSet);
        table.equal("Collections.emptyNavigableMap", Collections::emptyNavigableMap);
        table.equal(
                "Collections.unmodifiableNavigableSet",
                () -> Collections.unmodifiableNavigableSet(new TreeSet<>(List.of(1))));
        table.equal(
                "Collections.unmodifiableNavigableMap",
                () -> Collections.unmodifiableNavigableMap(new TreeMap<>(Map.of(1, 2))));
        table.elements(
                "Collections.synchronizedCollection",
                () -> Collections.synchronizedCollection(new ArrayList<>(List.of(1))));
        table.equal(
                "Collections.synchronizedSortedSet",
                () -> Collections.synchronizedSortedSet(new TreeSet<>(List.of(1))));
        table.equal(
                "Collections.synchronizedSortedMap",
                () -> Collections.synchronizedSortedMap(new TreeMap<>(Map.of(1, 2))));
        table.equal(
                "Collections.synchronizedNavigableSet",
                () -> Collections.synchronizedNavigableSet(new TreeSet<>(List.of(1))));
        table.equal(
                "Collections.synchronizedNavigableMap",
                () -> Collections.synchronizedNavigableMap(new TreeMap<>(Map.of(1, 2))));
        table.equal(
                "Collections.checkedMap",
                () -> Collections.checkedMap(new HashMap<>(Map.of(1, 2)), Integer.class, Integer.class));
        table.equal("Collections.singletonList", () -> Collections.singletonList(null));
        table.equal("Collections.singleton", () -> Collections.singleton("a"));
        table.equal("Collections.singletonMap", () -> Collections.singletonMap("a", 1));
        table.equal("Collections.unmodifiableList", () -> Collections.unmodifiableList(new ArrayList<>(List.of(1))));
        table.equal(
                "Collections.unmodifiableList of linked",
                () -> Collections.unmodifiableList(new LinkedList<>(List.of(1))));
        table.equal("Collections.unmodifiableSet", () -> Collections.unmodifiableSet(new HashSet<>(List.of(1))));
        table.equal(
                "Collections.unmodifiableSortedSet",
                () -> Collections.unmodifiableSortedSet(new TreeSet<>(List.of(1))));
        table.equal("Collections.unmodifiableMap", () -> Collections.unmodifiableMap(new HashMap<>(Map.of(1, 2))));
        table.equal(
                "Collections.unmodifiableSortedMap",
                () -> Collections.unmodifiableSortedMap(new TreeMap<>(Map.of(1, 2))));
        table.elements(
                "Collections.unmodifiableCollection",
                () -> Collections.unmodifiableCollection(new ArrayList<>(List.of(1))));
        table.equal("Collections.synchronizedList", () -> Collections.synchronizedList(new ArrayList<>(List.of(1))));
        table.equal("Collections.synchronizedSet", () -> Collections.synchronizedSet(new HashSet<>(List.of(1))));
        table.equal("Collections.synchronizedMap", () -> Collections.synchronizedMap(new HashMap<>(Map.of(1, 2))));
        table.equal(
                "Collections.checkedList", () -> Collections.checkedList(new ArrayList<>(List.of(1)), Integer.class));
        table.equal(
                "Collections.newSetFromMap",
                () -> CollectionValues.reversed(Collections.newSetFromMap(new HashMap<>()), 1, 2));
        table.same("Collections.reverseOrder", Collections::reverseOrder);
        table.same("Comparator.naturalOrder", Comparator::naturalOrder);
        table.checked(
                "an unmodifiable list that shares its list",
                () -> {
                    List<Object> inner = new ArrayList<>(List.of("a"));
                    return new Object[] {inner, Collections.unmodifiableList(inner), Collections.synchronizedList(inner)
                    };
                },
                (sent, received) -> {
                    Object[] three = (Object[]) received;
                    @SuppressWarnings("unchecked")
                    List<Object> inner = (List<Object>) three[0];
                    inner.add("b");
                    assertThat((List<?>) three[1]).hasSize(2);
                    assertThat((List<?>) three[2]).hasSize(2);
                });
        table.checked(
                "an unmodifiable list that holds itself",
                () -> {
                    List<Object> inner = new ArrayList<>();
                    List<Object> outer = Collections.unmodifiableList(inner);
                    inner.add(outer);
                    return outer;
                },
                (sent, received) ->
                        assertThat((Object) ((List<?>) received).get(0)).isSameAs(received));
    }
}

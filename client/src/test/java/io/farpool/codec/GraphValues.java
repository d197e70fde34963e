package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Contract lines 37 and 39: graphs of users' objects, with cycles, shared objects, and great depth. */
final class GraphValues {
    private GraphValues() {}

    static void addTo(Values.Table table) {
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
                    return new Object[] {
                        shared, List.of(shared), new ArrayList<>(List.of(shared)), new ClassValues.Box<>(shared)
                    };
                },
                (sent, received) -> {
                    Object[] parts = (Object[]) received;
                    assertThat((Object) ((List<?>) parts[1]).get(0)).isSameAs(parts[0]);
                    assertThat((Object) ((List<?>) parts[2]).get(0)).isSameAs(parts[0]);
                    assertThat(((ClassValues.Box<?>) parts[3]).content).isSameAs(parts[0]);
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
                    ClassValues.Box<Object> box = new ClassValues.Box<>(null);
                    ClassValues.Pair<Object, Object> pair = new ClassValues.Pair<>("x", box);
                    box.content = pair;
                    return pair;
                },
                (sent, received) -> assertThat(
                                ((ClassValues.Box<?>) ((ClassValues.Pair<?, ?>) received).second()).content == received)
                        .isTrue());
        table.checked(
                "10,000 objects",
                () -> {
                    List<ClassValues.Point> points = new ArrayList<>();
                    for (int i = 0; i < 10_000; i++) {
                        points.add(new ClassValues.Point(i, -i));
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

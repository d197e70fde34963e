package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.Serializer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds how an object is reached from the root of a graph, for the message that says it cannot be serialized. Runs only
 * after a failure, so that writing costs nothing extra; breadth first, so that the path is the shortest; iterative, so that deep
 * graphs do it no harm.
 */
final class ObjectPath {
    /** Past this many objects the search is given up and the message goes without a path. */
    private static final int MAX_VISITED = 500_000;

    /** Of a longer path, this many steps at its beginning and end are told. */
    private static final int FIRST_STEPS = 12;

    private static final int LAST_STEPS = 12;

    private final SerializerChoice choice;

    ObjectPath(SerializerChoice choice) {
        this.choice = choice;
    }

    /** Says for example {@code Main$Job.connection (java.net.Socket)}. */
    String describe(@Nullable Object root, Object target) {
        Place place = root == null ? null : find(root, target);
        if (place == null) {
            String owner = root == null || root == target ? "" : " within " + label(root.getClass());
            return label(target.getClass()) + owner;
        }
        ArrayDeque<Place> way = new ArrayDeque<>();
        for (Place step = place; step != null; step = step.parent) {
            way.addFirst(step);
        }
        StringBuilder text = new StringBuilder();
        boolean endsWithLabel = false;
        int position = 0;
        int leftOut = way.size() - FIRST_STEPS - LAST_STEPS;
        for (Place step : way) {
            int index = position++;
            if (leftOut > 0 && index >= FIRST_STEPS && index < FIRST_STEPS + leftOut) {
                if (index == FIRST_STEPS) {
                    text.append("...(").append(leftOut).append(" steps)...");
                }
                continue;
            }
            if (step.parent == null || step.parent.object instanceof Envelope) {
                text.setLength(0);
                text.append(label(step.object.getClass()));
                endsWithLabel = true;
            } else if (step.name.equals(Parts.CAPTURED)) {
                text.append(step.name).append(label(step.object.getClass()));
                endsWithLabel = true;
            } else {
                text.append(step.name);
                endsWithLabel = false;
            }
        }
        if (!endsWithLabel) {
            text.append(" (").append(label(target.getClass())).append(')');
        }
        return text.toString();
    }

    private @Nullable Place find(Object root, Object target) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        ArrayDeque<Place> queue = new ArrayDeque<>();
        queue.add(new Place(root, null, ""));
        seen.add(root);
        while (!queue.isEmpty()) {
            Place place = queue.remove();
            if (place.object == target) {
                return place;
            }
            Serializer<?> serializer = choice.of(place.object.getClass());
            if (serializer instanceof Parts wholes && seen.size() < MAX_VISITED) {
                try {
                    wholes.parts(place.object, (step, part) -> {
                        if (part != null && seen.add(part)) {
                            queue.add(new Place(part, place, step));
                        }
                    });
                } catch (RuntimeException e) {
                    // What cannot be looked into leads nowhere; the search goes on elsewhere.
                }
            }
        }
        return null;
    }

    /** A class as messages name it. */
    static String label(Class<?> type) {
        String name = type.getTypeName();
        int lambda = name.indexOf("$$Lambda");
        return lambda < 0 ? name : "lambda in " + name.substring(0, lambda);
    }

    private record Place(Object object, @Nullable Place parent, String name) {}
}

package io.farpool.coordinator.scheduling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A session's tasks that wait, by priority (the greater first), then by sequence.
 *
 * <p>New tasks come in the order of their sequence, so that adding, taking and removing one is O(1). Those that come
 * back (recalled,
 * retried) are kept apart in a sorted set, usually a small one.
 */
final class TaskQueue {

    /** The tasks of one priority. */
    static final class Lane {
        private final int priority;
        private @Nullable TaskState first;
        private @Nullable TaskState last;
        private final TreeSet<TaskState> back = new TreeSet<>(Comparator.comparingLong(task -> task.sequence));

        private Lane(int priority) {
            this.priority = priority;
        }

        private boolean isEmpty() {
            return first == null && back.isEmpty();
        }
    }

    private final TreeMap<Integer, Lane> lanes = new TreeMap<>(Comparator.reverseOrder());
    /** The lane used last: with one priority, which is usual, the only one. */
    private @Nullable Lane recent;

    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void add(TaskState task) {
        Lane lane = lane(task.priority);
        task.lane = lane;
        TaskState last = lane.last;
        if (last == null) {
            lane.first = task;
            lane.last = task;
        } else if (last.sequence < task.sequence) {
            last.next = task;
            task.previous = last;
            lane.last = task;
        } else {
            lane.back.add(task);
        }
        size++;
    }

    /** Takes the next to run; null when nothing waits. */
    @Nullable
    TaskState poll() {
        TaskState task = peek();
        if (task != null) {
            remove(task);
        }
        return task;
    }

    /** The next to run, which stays; null when nothing waits. */
    @Nullable
    TaskState peek() {
        if (size == 0) {
            return null;
        }
        Lane lane = lanes.size() == 1 && recent != null
                ? recent
                : lanes.firstEntry().getValue();
        TaskState task = lane.first;
        if (!lane.back.isEmpty()) {
            TaskState returned = lane.back.first();
            task = task == null || returned.sequence < task.sequence ? returned : task;
        }
        if (task == null) {
            throw new AssertionError("an empty lane of priority " + lane.priority + " was kept");
        }
        return task;
    }

    /** All that wait, by priority. */
    List<TaskState> all() {
        List<TaskState> all = new ArrayList<>(size);
        for (Lane lane : lanes.values()) {
            for (TaskState task = lane.first; task != null; task = task.next) {
                all.add(task);
            }
            all.addAll(lane.back);
        }
        return all;
    }

    /** Takes out a task that waits here. */
    void remove(TaskState task) {
        Lane lane = task.lane;
        if (lane == null) {
            throw new AssertionError("task " + task.sequence + " does not wait");
        }
        if (task == lane.first || task.previous != null) {
            unlink(lane, task);
        } else {
            lane.back.remove(task);
        }
        task.lane = null;
        size--;
        if (lane.isEmpty() && lanes.size() > 1) {
            lanes.remove(lane.priority);
            recent = lane == recent ? null : recent;
        }
    }

    private static void unlink(Lane lane, TaskState task) {
        TaskState previous = task.previous;
        TaskState next = task.next;
        if (previous == null) {
            lane.first = next;
        } else {
            previous.next = next;
        }
        if (next == null) {
            lane.last = previous;
        } else {
            next.previous = previous;
        }
        task.previous = null;
        task.next = null;
    }

    private Lane lane(int priority) {
        Lane lane = recent;
        if (lane == null || lane.priority != priority) {
            if (size == 0) {
                lanes.clear();
            }
            lane = lanes.computeIfAbsent(priority, Lane::new);
            recent = lane;
        }
        return lane;
    }
}

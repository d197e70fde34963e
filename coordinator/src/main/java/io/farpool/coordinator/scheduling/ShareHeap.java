package io.farpool.coordinator.scheduling;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A session's shares that take tasks, the least busy for its size first. Changes cost O(log hosts). */
final class ShareHeap {
    private Share[] heap = new Share[8];
    private int size;

    @Nullable
    Share first() {
        return size == 0 ? null : heap[0];
    }

    /** The share has changed, and belongs here or not. */
    void update(Share share, boolean belongs) {
        int index = share.heapIndex;
        if (!belongs) {
            if (index >= 0) {
                remove(share, index);
            }
            return;
        }
        if (index < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            index = size++;
            place(share, index);
        }
        down(share, up(share, index));
    }

    private void remove(Share share, int index) {
        size--;
        Share last = heap[size];
        share.heapIndex = -1;
        if (index < size) {
            place(last, index);
            down(last, up(last, index));
        }
    }

    private int up(Share share, int from) {
        int index = from;
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            if (!share.lessBusyThan(heap[parent])) {
                break;
            }
            place(heap[parent], index);
            index = parent;
        }
        place(share, index);
        return index;
    }

    private void down(Share share, int from) {
        int index = from;
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].lessBusyThan(heap[child])) {
                child++;
            }
            if (!heap[child].lessBusyThan(share)) {
                break;
            }
            place(heap[child], index);
            index = child;
        }
        place(share, index);
    }

    private void place(Share share, int index) {
        heap[index] = share;
        share.heapIndex = index;
    }
}

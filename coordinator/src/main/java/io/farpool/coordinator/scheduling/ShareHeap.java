package io.farpool.coordinator.scheduling;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A session's shares that take tasks, the least busy for its size first; ties go by host, so that what is repeated is repeated
 * exactly. Changes cost O(log hosts).
 *
 * <p>Each share in it has an entry, and what shares are compared by is kept in arrays by entry, so that the way through the heap
 * leads through a few small arrays and not to thousands of shares: docs/performance.md has what that saves.
 */
final class ShareHeap {
    private static final int NONE = -1;

    // By entry.
    private Share[] shares = new Share[8];
    /** Tasks for each slot. Equal for equal fractions, as division rounds correctly. */
    private double[] busyness = new double[8];

    private int[] hosts = new int[8];
    private int[] places = new int[8];

    /** The heap of entries; behind its end, those that are free. */
    private int[] heap = {0, 1, 2, 3, 4, 5, 6, 7};

    private int size;

    @Nullable
    Share first() {
        return size == 0 ? null : shares[heap[0]];
    }

    /** The share has changed: it has so many tasks for so many slots, or does not belong here. */
    void update(Share share, boolean belongs, int tasks, int slots) {
        int entry = share.heapEntry;
        if (!belongs) {
            if (entry != NONE) {
                remove(share, entry);
            }
            return;
        }
        if (entry == NONE) {
            entry = add(share);
        }
        busyness[entry] = (double) tasks / slots;
        down(entry, up(entry, places[entry]));
    }

    private int add(Share share) {
        if (size == heap.length) {
            grow();
        }
        int entry = heap[size];
        shares[entry] = share;
        hosts[entry] = share.host.number;
        share.heapEntry = entry;
        place(entry, size++);
        return entry;
    }

    private void grow() {
        int length = 2 * size;
        shares = Arrays.copyOf(shares, length);
        busyness = Arrays.copyOf(busyness, length);
        hosts = Arrays.copyOf(hosts, length);
        places = Arrays.copyOf(places, length);
        heap = Arrays.copyOf(heap, length);
        for (int entry = size; entry < length; entry++) {
            heap[entry] = entry;
        }
    }

    @SuppressWarnings("NullAway") // a free entry's share is never looked at
    private void remove(Share share, int entry) {
        int place = places[entry];
        size--;
        int last = heap[size];
        heap[size] = entry;
        shares[entry] = null;
        share.heapEntry = NONE;
        if (place < size) {
            place(last, place);
            down(last, up(last, place));
        }
    }

    private int up(int entry, int from) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            if (!lessBusy(entry, heap[parent])) {
                break;
            }
            place(heap[parent], place);
            place = parent;
        }
        place(entry, place);
        return place;
    }

    private void down(int entry, int from) {
        int place = from;
        while (true) {
            int child = 2 * place + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && lessBusy(heap[child + 1], heap[child])) {
                child++;
            }
            if (!lessBusy(heap[child], entry)) {
                break;
            }
            place(heap[child], place);
            place = child;
        }
        place(entry, place);
    }

    private boolean lessBusy(int one, int other) {
        return busyness[one] != busyness[other] ? busyness[one] < busyness[other] : hosts[one] < hosts[other];
    }

    private void place(int entry, int place) {
        heap[place] = entry;
        places[entry] = place;
    }
}

package io.farpool.coordinator.scheduling;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values by numbers that are given out one after another: a map for a million of them, most of which come and go in the order of
 * their numbers.
 *
 * <p>In pages of consecutive numbers, so that there is no object for each entry, and a new one is written beside those that came
 * just before it. A hash map's nodes live as long as what they lead to, so that a garbage collector has to move and trace all of
 * them: docs/performance.md has what that cost. Numbers far apart from each other take a page each, some 300 bytes. For one
 * thread.
 */
final class ByNumber<V> {
    private static final int PAGE_BITS = 6;
    private static final int PAGE_SIZE = 1 << PAGE_BITS;

    private static final class Page {
        final long number;
        final @Nullable Object[] values = new @Nullable Object[PAGE_SIZE];
        int size;

        Page(long number) {
            this.number = number;
        }
    }

    private final Map<Long, Page> pages = new HashMap<>();
    /** The one written last: the next number's, mostly. */
    private @Nullable Page recent;

    boolean isEmpty() {
        return pages.isEmpty();
    }

    @Nullable
    V get(long number) {
        Page page = page(number >> PAGE_BITS);
        return page == null ? null : value(page.values[slot(number)]);
    }

    boolean contains(long number) {
        return get(number) != null;
    }

    /** In place of what had the number before, if anything did. */
    void put(long number, V value) {
        long wanted = number >> PAGE_BITS;
        Page page = page(wanted);
        if (page == null) {
            page = new Page(wanted);
            pages.put(wanted, page);
        }
        recent = page;
        int slot = slot(number);
        page.size += page.values[slot] == null ? 1 : 0;
        page.values[slot] = value;
    }

    /** Whether or not there is anything of that number. */
    void remove(long number) {
        Page page = page(number >> PAGE_BITS);
        int slot = slot(number);
        if (page == null || page.values[slot] == null) {
            return;
        }
        page.values[slot] = null;
        page.size--;
        if (page.size == 0) {
            pages.remove(page.number);
            recent = page == recent ? null : recent;
        }
    }

    void clear() {
        pages.clear();
        recent = null;
    }

    private @Nullable Page page(long number) {
        Page last = recent;
        return last != null && last.number == number ? last : pages.get(number);
    }

    private static int slot(long number) {
        return (int) (number & (PAGE_SIZE - 1));
    }

    @SuppressWarnings("unchecked") // Only put writes, and only values.
    private @Nullable V value(@Nullable Object value) {
        return (V) value;
    }
}

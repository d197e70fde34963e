package io.farpool;

import org.jspecify.annotations.Nullable;

/** An immutable list, the newest element first; null is the empty one. Told apart by identity, to be swapped atomically. */
final class Link<E> {
    /** The list of a future that is done: nothing more is added. */
    static final Link<?> CLOSED = new Link<>(null, null);

    final @Nullable E element;
    final @Nullable Link<E> next;

    Link(@Nullable E element, @Nullable Link<E> next) {
        this.element = element;
        this.next = next;
    }

    static <E> @Nullable Link<E> reversed(@Nullable Link<E> links) {
        Link<E> reversed = null;
        for (Link<E> link = links; link != null; link = link.next) {
            reversed = new Link<>(link.element, reversed);
        }
        return reversed;
    }

    static <E> @Nullable Link<E> without(@Nullable Link<E> links, E element) {
        Link<E> kept = null;
        for (Link<E> link = links; link != null; link = link.next) {
            if (link.element != element) {
                kept = new Link<>(link.element, kept);
            }
        }
        return reversed(kept);
    }
}

package io.farpool;

import io.farpool.Calls.Pair;
import java.util.Iterator;

/** Pairs the elements of two iterators, as far as the shorter one goes. */
record PairIterator<A, B>(Iterator<? extends A> firsts, Iterator<? extends B> seconds) implements Iterator<Pair<A, B>> {
    @Override
    public boolean hasNext() {
        return firsts.hasNext() && seconds.hasNext();
    }

    @Override
    public Pair<A, B> next() {
        return new Pair<>(firsts.next(), seconds.next());
    }
}

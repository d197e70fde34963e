package io.farpool.session;

import io.farpool.codec.PayloadCodec;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.PayloadReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of a task whose payload is large, or that of its outcome, for as long as its future needs them. Thread-safe; files are
 * discarded outside the lock, and by {@link #close} alone in the caller's thread.
 */
final class TaskFiles {
    private @Nullable KeptFile argument;
    private @Nullable KeptFile outcome;
    private boolean over;

    /** @param argument the task's own; null if that is inside its message */
    TaskFiles(@Nullable KeptFile argument) {
        this.argument = argument;
    }

    synchronized @Nullable PayloadFile argument() {
        return argument == null ? null : argument.file();
    }

    /** From now on it is the caller's. */
    synchronized @Nullable KeptFile takeArgument() {
        KeptFile taken = argument;
        argument = null;
        return taken;
    }

    /** An outcome's payload has arrived, instead of any that arrived before. */
    void keepOutcome(KeptFile arrived) {
        KeptFile discarded;
        synchronized (this) {
            discarded = over ? arrived : outcome;
            if (!over) {
                outcome = arrived;
            }
        }
        discardLater(discarded);
    }

    synchronized boolean hasOutcome(PayloadReference reference) {
        return outcome != null && PayloadCodec.isOf(outcome.file(), reference);
    }

    /** From now on it is the caller's. */
    synchronized @Nullable KeptFile takeOutcome() {
        KeptFile taken = outcome;
        outcome = null;
        return taken;
    }

    void dropOutcome() {
        discardLater(takeOutcome());
    }

    /** Nothing is needed any more, whatever may still arrive. Waits for the disk. */
    void close() {
        for (KeptFile file : takeAll()) {
            file.discard().run();
        }
    }

    /** The same, without waiting. */
    void closeLater() {
        takeAll().forEach(KeptFile::discardLater);
    }

    private synchronized List<KeptFile> takeAll() {
        over = true;
        List<KeptFile> all = new ArrayList<>(2);
        KeptFile first = takeArgument();
        if (first != null) {
            all.add(first);
        }
        KeptFile second = takeOutcome();
        if (second != null) {
            all.add(second);
        }
        return all;
    }

    private static void discardLater(@Nullable KeptFile file) {
        if (file != null) {
            file.discardLater();
        }
    }
}

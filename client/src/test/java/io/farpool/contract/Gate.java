package io.farpool.contract;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Holds up tasks, in whatever process they run, until the test opens it. */
public record Gate(String file) implements Serializable {
    /** Has the task wait; an interrupt ends it with InterruptedException. */
    public boolean await() throws InterruptedException {
        return awaitDoing(() -> {});
    }

    /** The same, with something to do each millisecond. */
    public boolean awaitDoing(Runnable meanwhile) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + Await.LONG.toNanos() * 2;
        while (!Files.exists(Path.of(file))) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new IllegalStateException("nobody opened " + file);
            }
            meanwhile.run();
            Thread.sleep(1);
        }
        return true;
    }

    public void open() {
        try {
            Files.writeString(Path.of(file), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.farpool.cli;

import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * SIGTERM and SIGINT for a daemon: the first asks it to stop, the second ends the JVM at once with 128 and the signal's number.
 * A shutdown hook would not do: it cannot see a second signal, and the exit status would never be 0. Safe for any thread.
 */
final class StopSignals {
    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final AtomicInteger received = new AtomicInteger();

    private StopSignals() {}

    /** Takes over both signals of this JVM, for good. */
    static StopSignals install() {
        StopSignals signals = new StopSignals();
        signals.handle("TERM", 15);
        signals.handle("INT", 2);
        return signals;
    }

    /**
     * As {@code Signal.handle(new Signal(name), …)} of {@code sun.misc}, which is exported and supported (JEP 260) but cannot be
     * named in source without a warning that nothing silences.
     */
    private void handle(String name, int number) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, args) -> {
                        return switch (method.getName()) {
                            case "handle" -> receive(name, number);
                            case "equals" -> proxy == args[0];
                            case "hashCode" -> System.identityHashCode(proxy);
                            default -> "stop on SIG" + name;
                        };
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this Java has no sun.misc.Signal for SIG" + name + ", expected module jdk.unsupported", e);
        }
    }

    private @Nullable Object receive(String name, int number) {
        if (received.incrementAndGet() > 1) {
            System.err.println("farpool: second signal, SIG" + name + ": ended at once");
            Runtime.getRuntime().halt(128 + number);
        }
        asked.complete(null);
        return null;
    }

    /** Completes with the first signal. */
    CompletableFuture<Void> asked() {
        return asked;
    }
}

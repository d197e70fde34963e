package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.bundle.ClassPathBundle;
import io.farpool.proto.v1.ProcessSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionConnectionTest {
    private final List<Connection> connected = new ArrayList<>();
    private final List<Runnable> threads = new ArrayList<>();
    private boolean noThread = true;

    private final ExitHook exitHook = new ExitHook(() -> {});
    private final SessionConnection connection = new SessionConnection(
            "session",
            new SessionSettings(
                    "test", ProcessSpec.getDefaultInstance(), 1, Duration.ofSeconds(30), Duration.ofSeconds(30)),
            this::connect,
            exitHook,
            task -> {
                if (noThread) {
                    throw new OutOfMemoryError("unable to create native thread, as the test wants it");
                }
                threads.add(task);
            },
            event -> {});

    /** To nobody: it is not used. */
    private Connection connect() {
        connected.add(GrpcConnection.to("localhost:1", ClassPathBundle.of(List.of()), Runnable::run));
        return connected.get(connected.size() - 1);
    }

    /** Else what is submitted later would wait for an opening that nobody has begun. */
    @Test
    void whatFindsNoThreadToBeOpenedByIsOpenedWithTheNextTask() {
        assertThatThrownBy(connection::open).isInstanceOf(OutOfMemoryError.class);
        assertThat(connection.current()).isNull();
        assertThat(exitHook.add()).as("it was removed").isTrue();
        exitHook.remove();
        noThread = false;
        connection.open();
        connection.open();
        assertThat(connected).hasSize(2);
        assertThat(connection.current()).isSameAs(connected.get(1));
        assertThat(threads).hasSize(1);
        connection.close();
        exitHook.end();
    }
}

package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExitHookTest {
    @Test
    void itIsAddedOnceHoweverManyNeedItAndNeverAfterTheEnd() {
        ExitHook hook = new ExitHook(() -> {});
        assertThat(hook.add()).isTrue();
        assertThat(hook.add()).isFalse();
        hook.remove();
        hook.remove();
        assertThat(hook.add()).isTrue();
        hook.end();
        hook.end();
        assertThat(hook.add()).isFalse();
    }
}

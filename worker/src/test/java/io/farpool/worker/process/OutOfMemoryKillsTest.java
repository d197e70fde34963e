package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutOfMemoryKillsTest {
    @TempDir
    private Path group;

    private long nanos;

    @BeforeEach
    void before() throws IOException {
        count(3);
    }

    @Test
    void whatWasCountedBeforeExplainsNothing() {
        assertThat(kills().claim()).isFalse();
    }

    @Test
    void eachKillExplainsOneExit() throws IOException {
        OutOfMemoryKills kills = kills();
        count(5);
        assertThat(kills.claim()).isTrue();
        assertThat(kills.claim()).isTrue();
        assertThat(kills.claim()).isFalse();
    }

    @Test
    void aKillLongAgoExplainsNoExit() throws IOException {
        OutOfMemoryKills kills = kills();
        count(4);
        pass(11);
        kills.look();
        pass(5);
        kills.look();
        assertThat(kills.claim()).as("may still have been it").isTrue();
        count(5);
        pass(11);
        kills.look();
        pass(11);
        kills.look();
        assertThat(kills.claim()).isFalse();
        count(6);
        assertThat(kills.claim()).isTrue();
    }

    @Test
    void aCounterThatIsNotThereExplainsNothing() {
        assertThat(new OutOfMemoryKills(group.resolve("absent"), () -> nanos).claim())
                .isFalse();
    }

    @Test
    void theInnermostGroupThatCountsIsAsked() throws IOException {
        Path inner = Files.createDirectory(group.resolve("inner"));
        assertThat(OutOfMemoryKills.counterOf(List.of(inner, group))).isEqualTo(group.resolve("memory.events"));
        Files.writeString(inner.resolve("memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n");
        assertThat(OutOfMemoryKills.counterOf(List.of(inner, group))).isEqualTo(inner.resolve("memory.oom_control"));
        assertThat(OutOfMemoryKills.counterOf(List.of())).isEqualTo(Path.of("/proc/vmstat"));
    }

    private OutOfMemoryKills kills() {
        return new OutOfMemoryKills(group.resolve("memory.events"), () -> nanos);
    }

    private void count(int kills) throws IOException {
        Files.writeString(
                group.resolve("memory.events"),
                "low 0\nhigh 0\nmax 9\noom 9\noom_kill " + kills + "\noom_group_kill 0\n");
    }

    private void pass(long seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }
}

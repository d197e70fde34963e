package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptHeld;
import java.util.ArrayList;
import java.util.List;

/** What a host said, when it attached, that it has of a session: kept until the session's client has spoken. */
final class HeldSession {
    final String id;
    /** At most so many of its processes are there, or will be started before the host is told another quota. */
    final int processes;
    /** From other epochs, and neither adopted nor dropped yet. Bounded by what a host may speak of when it attaches. */
    final List<AttemptHeld> attempts = new ArrayList<>();
    /** An attempt that may have started was dropped there: that one is not reported proves nothing. */
    boolean droppedStarted;
    /** The session has it as a share. */
    boolean claimed;
    /** Slots that nobody else gets meanwhile. */
    int reserved;

    HeldSession(String id, int processes, boolean droppedStarted) {
        this.id = id;
        this.processes = processes;
        this.droppedStarted = droppedStarted;
    }
}

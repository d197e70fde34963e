package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptName;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** One host, from its attaching until it has left or is lost. */
final class HostState {
    final int number;
    final String name;
    final long incarnation;
    final int slots;
    final long attachedMillis;
    /**
     * By session number, in the order they came here. Shares of ended sessions stay until their slots are confirmed
     * empty.
     */
    final Map<Integer, Share> shares = new LinkedHashMap<>();

    /** By session id: what it said it has when it attached last. */
    final Map<String, HeldSession> held = new LinkedHashMap<>();
    /** Attempts here that were adopted and are not forgotten yet, by their former names. Never iterated. */
    final Map<AttemptName, Attempt> adopted = new HashMap<>();

    boolean connected = true;
    boolean draining;
    /** Of one session's outcomes; past it, the host starts nothing more of that session. */
    long heldResultBytes = Long.MAX_VALUE;

    long heardMillis;
    long detachedMillis;
    /** Slots that nobody holds. */
    int free;
    /**
     * In the cluster's set of hosts with room, under the {@code free} of now: it must leave the set before that
     * changes.
     */
    boolean listedAsRoom;

    HostState(int number, String name, long incarnation, int slots, long nowMillis) {
        this.number = number;
        this.name = name;
        this.incarnation = incarnation;
        this.slots = slots;
        free = slots;
        attachedMillis = nowMillis;
        heardMillis = nowMillis;
    }

    boolean takesWork() {
        return connected && !draining;
    }
}

package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.scheduling.Event;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attach streams that this coordinator has: of each host the one that is in its place, and those that have said hello and
 * nothing since. Used only where the switchboard is drained.
 *
 * <pre>
 *   hello ──▶ begun ── answers, so was alive after its hello had come ──▶ in place, until a newer one answers
 * </pre>
 *
 * <p>A hello may come late: from a daemon that has died since, or over a connection that its daemon has given up. Such a stream
 * does not answer, and takes nobody's place. Nor may a late answer: once a stream is in place, those whose hellos had come before
 * its own are over.
 */
final class HostStreams {
    private static final Logger log = LoggerFactory.getLogger(HostStreams.class);

    private final Switchboard switchboard;
    private final Map<String, HostStream> inPlace = new LinkedHashMap<>();
    /** Of each host, in the order of their hellos. */
    private final Map<String, List<HostStream>> begun = new LinkedHashMap<>();

    private int begunStreams;

    HostStreams(Switchboard switchboard) {
        this.switchboard = switchboard;
    }

    /** It has said hello. */
    void begin(HostStream stream) {
        requireRoomFor(stream.name());
        if (begunStreams >= switchboard.settings.maxHosts()) {
            makeRoomFor(stream.name());
        }
        begun.computeIfAbsent(stream.name(), name -> new ArrayList<>(1)).add(stream);
        begunStreams++;
    }

    /** Those that never answer, as nobody is there, must not keep a host out. */
    private void makeRoomFor(String host) {
        List<HostStream> hellos = begun.get(host);
        if (hellos == null) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription(
                            "there are " + begunStreams
                                    + " streams of hosts that have said no more than hello, as many as this coordinator may have")
                    .asRuntimeException();
        }
        HostStream oldest = hellos.get(0);
        forget(oldest);
        oldest.end(Status.UNAVAILABLE.withDescription("host " + host + " has said hello again since"));
    }

    /** It has answered: older ones of the same name end. */
    void takePlace(HostStream stream) {
        String host = stream.name();
        requireRoomFor(host);
        List<HostStream> hellos = begun.getOrDefault(host, List.of());
        List<HostStream> older = new ArrayList<>(hellos.subList(0, hellos.indexOf(stream)));
        older.forEach(this::forget);
        forget(stream);
        HostStream before = inPlace.put(host, stream);
        if (before != null) {
            older.add(before);
        }
        older.forEach(one -> one.end(Status.ABORTED.withDescription("another stream of host " + host + " is newer")));
        log.info("host={} attaching", host);
        if (before != null) {
            switchboard.tell(new Event.HostDetached(host));
        }
    }

    private void requireRoomFor(String host) {
        switchboard.requireRunning();
        if (!inPlace.containsKey(host) && inPlace.size() >= switchboard.settings.maxHosts()) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("there are " + inPlace.size() + " hosts, as many as this coordinator may have")
                    .asRuntimeException();
        }
    }

    /** It is over. False when it was not in its host's place. */
    boolean forget(HostStream stream) {
        String host = stream.name();
        List<HostStream> hellos = begun.get(host);
        if (hellos != null && hellos.remove(stream)) {
            begunStreams--;
            if (hellos.isEmpty()) {
                begun.remove(host);
            }
        }
        return inPlace.remove(host, stream);
    }

    /** The one in that host's place. */
    @Nullable
    HostStream of(String host) {
        return inPlace.get(host);
    }

    Collection<HostStream> inPlace() {
        return inPlace.values();
    }

    void endAll(Status status) {
        List<HostStream> all = new ArrayList<>(inPlace.values());
        begun.values().forEach(all::addAll);
        inPlace.clear();
        begun.clear();
        begunStreams = 0;
        all.forEach(stream -> stream.end(status));
    }
}

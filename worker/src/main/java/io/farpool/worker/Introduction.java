package io.farpool.worker;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Capabilities;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.Label;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.wire.Protocol;
import io.farpool.wire.RandomBytes;
import java.util.List;

/** What a host says of itself to a coordinator, the same on every stream of its life but for the epoch. Immutable. */
final class Introduction {
    private static final int SECRET_BYTES = 16;

    private final WorkerSettings settings;
    private final long memoryBytes;
    private final long incarnation;
    private final byte[] secret = RandomBytes.take(SECRET_BYTES);

    /** @param memoryBytes of the machine */
    Introduction(WorkerSettings settings, long memoryBytes) {
        this.settings = settings;
        this.memoryBytes = memoryBytes;
        long random = RandomBytes.nextLong();
        this.incarnation = random == 0 ? 1 : random;
    }

    /** @param epoch of the coordinator that this host knows; 0: none */
    Hello hello(long epoch) {
        String version = Worker.class.getPackage().getImplementationVersion();
        return Hello.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setHost(settings.name())
                .setIncarnation(incarnation)
                .setSecret(ByteString.copyFrom(secret))
                .setEpoch(epoch)
                .setSlots(settings.slots())
                .setHeldResultBytes(settings.limits().heldFileBytes())
                .setCapabilities(Capabilities.newBuilder()
                        .setClassFileMajorVersion(settings.limits().classFileMajorVersion())
                        .setJdk(System.getProperty("java.vendor", "") + " " + Runtime.version())
                        .setArchitecture(System.getProperty("os.arch", ""))
                        .addAllLabels(labels(settings))
                        .setMemoryBytes(memoryBytes)
                        .setFarpoolVersion(version == null ? "" : version))
                .build();
    }

    /** As whom it asks for payloads. */
    ReceiveRequest.Argument receiver() {
        return ReceiveRequest.Argument.newBuilder()
                .setHost(settings.name())
                .setIncarnation(incarnation)
                .setSecret(ByteString.copyFrom(secret))
                .build();
    }

    private static List<Label> labels(WorkerSettings settings) {
        return settings.sortedLabels().entrySet().stream()
                .map(label -> Label.newBuilder()
                        .setName(label.getKey())
                        .setValue(label.getValue())
                        .build())
                .toList();
    }
}

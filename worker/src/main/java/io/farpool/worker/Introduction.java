package io.farpool.worker;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Capabilities;
import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.Label;
import io.farpool.wire.Protocol;
import io.farpool.worker.process.MachineMemory;
import java.util.List;
import java.util.Random;

/** What a host says of itself to a coordinator, the same on every stream of its life. */
final class Introduction {
    private static final int SECRET_BYTES = 16;

    private Introduction() {}

    static Hello of(WorkerSettings settings, Random random) {
        long incarnation = random.nextLong();
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String version = Worker.class.getPackage().getImplementationVersion();
        return Hello.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setHost(settings.name())
                .setIncarnation(incarnation == 0 ? 1 : incarnation)
                .setSecret(ByteString.copyFrom(secret))
                .setSlots(settings.slots())
                .setHeldResultBytes(settings.limits().heldFileBytes())
                .setCapabilities(Capabilities.newBuilder()
                        .setClassFileMajorVersion(settings.limits().classFileMajorVersion())
                        .setJdk(System.getProperty("java.vendor", "") + " " + Runtime.version())
                        .setArchitecture(System.getProperty("os.arch", ""))
                        .addAllLabels(labels(settings))
                        .setMemoryBytes(MachineMemory.totalBytes())
                        .setFarpoolVersion(version == null ? "" : version))
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

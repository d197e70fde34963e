package io.farpool;

import io.farpool.bundle.ClassPathBundle;
import io.farpool.codec.Captures;
import io.farpool.codec.ClosedPackages;
import io.farpool.codec.Codec;
import io.farpool.codec.PayloadCodec;
import io.farpool.embedded.EmbeddedCluster;
import io.farpool.payload.PayloadFile;
import io.farpool.process.ForwardedOptions;
import io.farpool.process.WorkerProcess;
import io.farpool.proto.v1.EnvironmentVariable;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.session.Connection;
import io.farpool.session.GrpcConnection;
import io.farpool.session.KeepAlive;
import io.farpool.session.LogDelivery;
import io.farpool.session.PayloadDirectory;
import io.farpool.session.Session;
import io.farpool.session.SessionSettings;
import io.farpool.shared.SharedBytes;
import io.farpool.snippet.MemoryTask;
import io.farpool.wire.Protocol;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Wires a process pool from what its builder was told: where it runs, what its processes are, and where its lines go. */
final class ProcessPoolSetup {
    private static final AtomicLong POOLS = new AtomicLong();

    private final String name;
    private final int maxWorkers;
    private final @Nullable String target;
    private final KeepAlive keepAlive;
    private final Session session;

    ProcessPoolSetup(ProcessPoolExecutor.Builder builder) {
        this.name = builder.name == null ? "farpool-processes-" + POOLS.incrementAndGet() : builder.name;
        this.target = targetOf(builder);
        int processors = Runtime.getRuntime().availableProcessors();
        this.maxWorkers = builder.maxWorkers == 0 && target == null ? processors : builder.maxWorkers;
        if (target == null && maxWorkers > Protocol.MAX_SLOTS) {
            throw new IllegalArgumentException("maxWorkers is " + maxWorkers + "; on this machine it must be at most "
                    + Protocol.MAX_SLOTS + ", only a cluster has more");
        }
        PayloadDirectory directory = new PayloadDirectory();
        PayloadCodec payloads = new PayloadCodec(new Codec(), directory, Protocol.MAX_INLINE_PAYLOAD_BYTES);
        SessionSettings settings = new SessionSettings(
                name,
                processSpec(builder, payloads, directory),
                maxWorkers,
                builder.connectTimeout,
                builder.coordinatorLossTimeout);
        this.keepAlive = new KeepAlive(name + "-pending");
        this.session = new Session(
                settings,
                connector(builder, settings.process()),
                payloads,
                directory,
                new LogDelivery(consumer(builder)),
                keepAlive);
    }

    private static @Nullable String targetOf(ProcessPoolExecutor.Builder builder) {
        if (builder.coordinator != null) {
            return builder.coordinator;
        }
        String variable = System.getenv(ProcessPoolExecutor.COORDINATOR_VARIABLE);
        return variable == null || variable.isBlank() ? null : variable.strip();
    }

    private static ProcessSpec processSpec(
            ProcessPoolExecutor.Builder builder, PayloadCodec payloads, PayloadDirectory files) {
        ProcessSpec.Builder spec = ProcessSpec.newBuilder()
                .setMainClass(WorkerProcess.class.getName())
                .addAllJvmOptions(ForwardedOptions.ofThisJvm())
                .addAllJvmOptions(ClosedPackages.jvmOptions())
                .addAllJvmOptions(builder.context.jvmOptions())
                .setMaxTasksPerProcess(builder.maxTasksPerProcess)
                .setStartup(
                        switch (builder.context.startup()) {
                            case ON_DEMAND -> io.farpool.proto.v1.Startup.ON_DEMAND;
                            case ALL_AT_ONCE -> io.farpool.proto.v1.Startup.ALL_AT_ONCE;
                        });
        builder.context
                .environment()
                .forEach((name, value) -> spec.addEnvironment(
                        EnvironmentVariable.newBuilder().setName(name).setValue(value)));
        builder.context.workingDirectory().ifPresent(directory -> spec.setWorkingDirectory(directory.toString()));
        builder.context.javaHome().ifPresent(home -> spec.setJavaHome(home.toString()));
        if (builder.initializer != null) {
            Payload initializer = encodeInitializer(builder.initializer, payloads);
            if (initializer.hasReference()) {
                // The pool may never be used, nor closed.
                files.keepUntilExit(PayloadFile.of(initializer.getReference()).path());
            }
            spec.setInitializer(initializer);
        }
        return spec.build();
    }

    private static Payload encodeInitializer(RemoteCallable<?> initializer, PayloadCodec payloads) {
        Captures captures = new Captures();
        Payload encoded;
        try {
            encoded = captures.during(() -> MemoryTask.encode(payloads, initializer, "the initializer"));
        } finally {
            SharedBytes.in(captures).forEach(SharedBytes::release);
        }
        if (!SharedBytes.in(captures).isEmpty()) {
            payloads.discard(encoded);
            throw new IllegalArgumentException(
                    "the initializer uses a shared value, which only tasks can: share it with the"
                            + " pool that runs them, or give the initializer the value itself");
        }
        return encoded;
    }

    private Function<Executor, Connection> connector(ProcessPoolExecutor.Builder builder, ProcessSpec process) {
        if (target == null) {
            return threads -> EmbeddedCluster.start(maxWorkers, classPath(builder), process);
        }
        GrpcConnection.requireTarget(target);
        return threads -> GrpcConnection.to(target, classPath(builder), threads);
    }

    private static ClassPathBundle classPath(ProcessPoolExecutor.Builder builder) {
        ClassPathBundle base =
                builder.classPath == null ? ClassPathBundle.ofThisJvm() : ClassPathBundle.of(builder.classPath);
        return builder.addedToClassPath.isEmpty() ? base : base.plus(List.copyOf(builder.addedToClassPath));
    }

    @SuppressWarnings("SystemOut") // printing is what it is for
    private Consumer<LogLine> consumer(ProcessPoolExecutor.Builder builder) {
        if (builder.onLog != null) {
            return builder.onLog;
        }
        boolean plain = target == null;
        return line -> (line.stderr() ? System.err : System.out).println(plain ? line.text() : line.toString());
    }

    Session session() {
        return session;
    }

    KeepAlive keepAlive() {
        return keepAlive;
    }

    String name() {
        return name;
    }

    int maxWorkers() {
        return maxWorkers;
    }

    boolean onCluster() {
        return target != null;
    }
}

package io.farpool.bench.scale;

import io.farpool.bench.harness.Program;
import io.farpool.bench.system.Programs;
import io.farpool.proto.v1.ClusterGrpc;
import io.farpool.proto.v1.DescribeRequest;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * One round: a coordinator in a process of its own, hollow hosts and a session in this one. The hosts hold their first results back
 * until all tasks are queued and the heap has been looked at; then the time is taken until the last one is completed.
 */
public final class ScaleRun {
    private static final long PATIENCE_SECONDS = 600;
    private static final long POLL_NANOS = 10_000_000;

    private final int hosts;
    private final int slots;
    private final int tasks;
    private final Path errors;

    /** {@code errors}: takes the coordinator's standard error. */
    public ScaleRun(int hosts, int slots, int tasks, Path errors) {
        this.hosts = hosts;
        this.slots = slots;
        this.tasks = tasks;
        this.errors = errors;
    }

    /** Tasks a second, CPU of the coordinator for each, its heap for each that is queued. */
    public Map<String, Double> measure() throws IOException, InterruptedException, TimeoutException {
        List<String> command =
                Programs.java(List.of("-Xmx6g"), Programs.wholeClassPath(), ScaleCoordinator.class.getName());
        command.add("" + 2L * tasks);
        try (Program coordinator = new Program(command, errors);
                Channels channels =
                        new Channels("127.0.0.1:" + coordinator.line("port ").substring("port ".length()))) {
            List<HollowHost> attached = attach(channels);
            Thread heart = heart(attached);
            try {
                return measure(coordinator, attached, channels);
            } finally {
                heart.interrupt();
                heart.join();
            }
        }
    }

    private List<HollowHost> attach(Channels channels) throws InterruptedException, TimeoutException {
        CountDownLatch welcomed = new CountDownLatch(hosts);
        List<HollowHost> attached = new ArrayList<>();
        for (int i = 0; i < hosts; i++) {
            attached.add(HollowHost.attach(channels.open(), "hollow-" + i, slots, welcomed));
        }
        if (!welcomed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new TimeoutException(welcomed.getCount() + " of " + hosts + " hosts were not welcomed");
        }
        return attached;
    }

    private Map<String, Double> measure(Program coordinator, List<HollowHost> attached, Channels channels)
            throws IOException, InterruptedException, TimeoutException {
        Channel channel = channels.open();
        LoadClient client = new LoadClient(channel);
        int warmUp = tasks / 4;
        client.submit(warmUp);
        client.awaitCompleted(warmUp, PATIENCE_SECONDS);

        attached.forEach(host -> host.hold(true));
        long emptyBytes = coordinator.tree().liveHeapBytes();
        client.submit(tasks);
        awaitSubmitted(channel, client);
        double heapBytes = coordinator.tree().liveHeapBytes() - emptyBytes;

        double cpuBefore = coordinator.tree().cpuSeconds();
        long begun = System.nanoTime();
        attached.forEach(host -> host.hold(false));
        client.awaitCompleted((long) warmUp + tasks, PATIENCE_SECONDS);
        double seconds = (System.nanoTime() - begun) / 1e9;
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("tasks_per_s", tasks / seconds);
        values.put("cpu_us_per_task", (coordinator.tree().cpuSeconds() - cpuBefore) * 1e6 / tasks);
        values.put("heap_bytes_per_task", heapBytes / tasks);
        return values;
    }

    /** Queued, or assigned to a host that holds it. */
    private void awaitSubmitted(Channel channel, LoadClient client) throws TimeoutException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        var cluster = ClusterGrpc.newBlockingStub(channel);
        long there = 0;
        while (there < tasks) {
            if (System.nanoTime() - until > 0) {
                throw new TimeoutException("only " + there + " of " + tasks + " tasks came to the coordinator");
            }
            LockSupport.parkNanos(POLL_NANOS);
            var session = cluster.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .describe(DescribeRequest.newBuilder()
                            .setSessionId(client.id())
                            .build())
                    .getSessions(0);
            there = session.getQueued() + session.getAssigned();
        }
    }

    private static Thread heart(List<HollowHost> attached) {
        Thread heart = new Thread(
                () -> {
                    try {
                        while (true) {
                            Thread.sleep(2_000);
                            attached.forEach(HollowHost::heartbeat);
                        }
                    } catch (InterruptedException over) {
                        // The round is over.
                    }
                },
                "hollow-hearts");
        heart.setDaemon(true);
        heart.start();
        return heart;
    }
}

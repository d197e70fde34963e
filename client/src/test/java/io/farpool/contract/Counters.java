package io.farpool.contract;

import io.farpool.proto.v1.ClusterGrpc;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.HostDescription;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a coordinator says of itself. */
final class Counters implements AutoCloseable {
    private final ManagedChannel channel;

    Counters(String address) {
        channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    }

    DescribeResponse describe() {
        return ClusterGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .describe(DescribeRequest.getDefaultInstance());
    }

    /** A host's counters come with its heartbeat. They never go down: had it fetched more, this would not come true. */
    void awaitFetchedByEach(int hosts, long blobs, long bytes) {
        Await.until(hosts + " hosts have fetched " + blobs + " blobs of " + bytes + " bytes: " + describe(), () -> {
            List<HostDescription> described = describe().getHostsList();
            return described.size() == hosts
                    && described.stream()
                            .allMatch(host -> host.getBlobsFetched() == blobs && host.getBlobBytesFetched() == bytes);
        });
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}

package io.farpool.bench.system;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** A client of Hazelcast's distributed executor. */
final class HazelcastPool implements Pool {
    static final String EXECUTOR = "bench";

    private final HazelcastInstance client;
    private final IExecutorService executor;

    HazelcastPool(List<String> members) {
        ClientConfig config = new ClientConfig();
        config.setProperty("hazelcast.logging.type", "none");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.getNetworkConfig().setAddresses(members);
        client = HazelcastClient.newHazelcastClient(config);
        executor = client.getExecutorService(EXECUTOR);
    }

    @Override
    public <T, C extends Callable<T> & Serializable> Future<T> submit(C task) {
        return executor.submit(task);
    }

    @Override
    public void close() {
        client.shutdown();
    }
}

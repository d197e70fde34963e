package io.farpool.bench.system;

import com.hazelcast.config.Config;
import com.hazelcast.config.ExecutorConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.util.List;

/** A Hazelcast member: {@code SLOTS PORT ADDRESS…}. Says in a line that it is ready; ends with its standard input. */
final class HazelcastServer {
    private HazelcastServer() {}

    public static void main(String[] args) throws Exception {
        List<String> addresses = List.of(args).subList(2, args.length);
        Config config = new Config();
        config.setProperty("hazelcast.logging.type", "none");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.getNetworkConfig().setPort(Integer.parseInt(args[1])).setPortAutoIncrement(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        JoinConfig join = config.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true).setMembers(addresses);
        config.addExecutorConfig(new ExecutorConfig(HazelcastPool.EXECUTOR, Integer.parseInt(args[0])));
        HazelcastInstance member = Hazelcast.newHazelcastInstance(config);
        Servers.ready(member::shutdown);
    }
}

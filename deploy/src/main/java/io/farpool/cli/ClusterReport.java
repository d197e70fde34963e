package io.farpool.cli;

import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.HostDescription;
import io.farpool.proto.v1.SessionDescription;

/** A cluster's description, for a person to read. */
final class ClusterReport {
    private ClusterReport() {}

    static String of(String address, DescribeResponse cluster) {
        StringBuilder report = new StringBuilder();
        long slots = 0;
        for (HostDescription host : cluster.getHostsList()) {
            slots += host.getSlots();
        }
        report.append("coordinator ").append(address);
        if (!cluster.getVersion().isEmpty()) {
            report.append("  version ").append(TextTable.printable(cluster.getVersion()));
        }
        report.append("  up ").append(age(cluster.getUptimeMillis()));
        report.append("  hosts ").append(cluster.getHostsCount());
        report.append("  slots ").append(slots);
        report.append("  sessions ").append(cluster.getSessionsCount());
        report.append(System.lineSeparator()).append(System.lineSeparator());
        report.append(hosts(cluster)).append(System.lineSeparator()).append(sessions(cluster));
        return report.toString();
    }

    private static String hosts(DescribeResponse cluster) {
        if (cluster.getHostsCount() == 0) {
            return "no hosts attached" + System.lineSeparator();
        }
        TextTable table =
                new TextTable("HOST", "STATE", "#SLOTS", "#PROCESSES", "#RUNNING", "#PREFETCHED", "#SINCE", "JDK");
        for (HostDescription host : cluster.getHostsList()) {
            table.row(
                    host.getHost(),
                    !host.getConnected() ? "away" : host.getDraining() ? "draining" : "attached",
                    host.getSlots(),
                    host.getProcesses(),
                    host.getRunning(),
                    host.getPrefetched(),
                    age(host.getAttachedMillis()),
                    host.getJdk());
        }
        return table.toString();
    }

    private static String sessions(DescribeResponse cluster) {
        if (cluster.getSessionsCount() == 0) {
            return "no sessions open" + System.lineSeparator();
        }
        TextTable table = new TextTable(
                "SESSION", "NAME", "#PROCESSES", "#MAX", "#QUEUED", "#ASSIGNED", "#COMPLETED", "#FAILED", "#SINCE");
        for (SessionDescription session : cluster.getSessionsList()) {
            table.row(
                    session.getSessionId(),
                    session.getName(),
                    session.getProcesses(),
                    session.getMaxWorkers() == 0 ? "-" : session.getMaxWorkers(),
                    session.getQueued(),
                    session.getAssigned(),
                    session.getCompleted(),
                    session.getFailed(),
                    age(session.getOpenedMillis()));
        }
        return table.toString();
    }

    /** The two largest units: 3d4h, 2h5m, 7m3s, 12s. */
    static String age(long millis) {
        long seconds = Math.max(0, millis) / 1000;
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m" + seconds % 60 + "s";
        }
        if (seconds < 86_400) {
            return seconds / 3600 + "h" + seconds % 3600 / 60 + "m";
        }
        return seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
    }
}

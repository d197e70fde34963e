package io.farpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.HostDescription;
import io.farpool.proto.v1.SessionDescription;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The report on a cluster")
class ClusterReportTest {
    @Test
    void saysThatAClusterIsEmpty() {
        assertThat(ClusterReport.of("127.0.0.1:7077", DescribeResponse.getDefaultInstance()))
                .startsWith("coordinator 127.0.0.1:7077  up 0s  hosts 0  slots 0  sessions 0")
                .contains("no hosts attached", "no sessions open");
    }

    @Test
    void hasARowForEachHostAndSession() {
        DescribeResponse cluster = DescribeResponse.newBuilder()
                .setVersion("0.1.0")
                .setUptimeMillis(61_000)
                .addHosts(HostDescription.newBuilder()
                        .setHost("one")
                        .setSlots(2)
                        .setConnected(true)
                        .setRunning(2)
                        .setJdk("Debian 17"))
                .addHosts(HostDescription.newBuilder()
                        .setHost("a-longer-name")
                        .setSlots(16)
                        .setConnected(true)
                        .setDraining(true))
                .addHosts(HostDescription.newBuilder().setHost("three").setSlots(1))
                .addSessions(SessionDescription.newBuilder()
                        .setSessionId("7f00")
                        .setQueued(1_000_000)
                        .setCompleted(5)
                        .setOpenedMillis(7_500_000))
                .build();
        assertThat(ClusterReport.of("h:1", cluster).lines().toList())
                .containsExactly(
                        "coordinator h:1  version 0.1.0  up 1m1s  hosts 3  slots 19  sessions 1",
                        "",
                        "HOST           STATE     SLOTS  PROCESSES  RUNNING  PREFETCHED  SINCE  JDK",
                        "one            attached      2          0        2           0     0s  Debian 17",
                        "a-longer-name  draining     16          0        0           0     0s  -",
                        "three          away          1          0        0           0     0s  -",
                        "",
                        "SESSION  NAME  PROCESSES  MAX   QUEUED  ASSIGNED  COMPLETED  FAILED  SINCE",
                        "7f00     -             0    -  1000000         0          5       0   2h5m");
    }

    @Test
    void doesNotLetANameCommandTheTerminal() {
        DescribeResponse cluster = DescribeResponse.newBuilder()
                .addHosts(HostDescription.newBuilder().setHost("\u001b[2Jgone\n"))
                .build();
        assertThat(ClusterReport.of("h:1", cluster)).contains("?[2Jgone?").doesNotContain("\u001b");
    }

    @ParameterizedTest
    @CsvSource({"-1,0s", "59999,59s", "60000,1m0s", "3600000,1h0m", "86399000,23h59m", "90000000,1d1h"})
    void tellsAgesInTwoUnits(long millis, String age) {
        assertThat(ClusterReport.age(millis)).isEqualTo(age);
    }
}

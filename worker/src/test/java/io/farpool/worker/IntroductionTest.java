package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.ReceiveRequest;
import org.junit.jupiter.api.Test;

class IntroductionTest {
    private final Introduction introduction = new Introduction(WorkerSettings.defaults(), 8L << 30);

    @Test
    void isTheSameOnEveryStreamButForTheEpoch() {
        Hello first = introduction.hello(0);
        Hello second = introduction.hello(7);
        assertThat(first.getEpoch()).isZero();
        assertThat(second.getEpoch()).isEqualTo(7);
        assertThat(second.toBuilder().clearEpoch().build()).isEqualTo(first);
        assertThat(first.getCapabilities().getMemoryBytes()).isEqualTo(8L << 30);
    }

    @Test
    void asksForPayloadsAsTheSameHost() {
        Hello hello = introduction.hello(0);
        ReceiveRequest.Argument receiver = introduction.receiver();
        assertThat(receiver.getHost()).isEqualTo(hello.getHost());
        assertThat(receiver.getIncarnation()).isEqualTo(hello.getIncarnation()).isNotZero();
        assertThat(receiver.getSecret()).isEqualTo(hello.getSecret());
        assertThat(receiver.getSecret().size()).isEqualTo(16);
    }

    @Test
    void isAnotherHostsWhenTheDaemonIsStartedAnew() {
        Hello other = new Introduction(WorkerSettings.defaults(), 8L << 30).hello(0);
        assertThat(other.getIncarnation()).isNotEqualTo(introduction.hello(0).getIncarnation());
        assertThat(other.getSecret()).isNotEqualTo(introduction.hello(0).getSecret());
    }
}

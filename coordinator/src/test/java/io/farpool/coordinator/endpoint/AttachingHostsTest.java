package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.EchoHost;
import io.farpool.coordinator.Received;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;

/** Hosts that have said hello, and may not be there any more, at a coordinator that may have one host. */
class AttachingHostsTest extends JoinedEnds {
    AttachingHostsTest() {
        super(CoordinatorSettings.defaults()
                .withEndpoints(EndpointSettings.defaults().withMost(1, 1)));
    }

    /** A stream that has said hello. */
    private final class Hello extends Received<Order> {
        final StreamObserver<Report> reports = coordinator.hosts().attach(this);

        Hello(String name) {
            reports.onNext(Report.newBuilder().setHello(EchoHost.hello(name, 1)).build());
        }

        boolean isAsked() {
            return ended() == null && messages().get(0).getStateWanted();
        }
    }

    @Test
    void aHelloThatNobodyAnswersForDoesNotKeepItsHostOut() throws InterruptedException {
        Hello dead = new Hello("h");
        assertThat(dead.isAsked()).isTrue();
        EchoHost living = host("h", 1);
        assertThat(dead.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(living.ended()).isNull();
        assertThat(describe().getHosts(0).getConnected()).isTrue();
    }

    @Test
    void anotherHostHasItsPlaceOnceItIsGone() throws InterruptedException {
        Hello dead = new Hello("h");
        Status refused = new Hello("other").awaitEnd();
        assertThat(refused.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(refused.getDescription())
                .startsWith("there are 1 streams of hosts that have said no more than hello");
        dead.reports.onError(Status.CANCELLED.asException());
        host("other", 1);
        assertThat(describe().getHosts(0).getConnected()).isTrue();
        assertThat(new Hello("h").awaitEnd().getDescription())
                .isEqualTo("there are 1 hosts, as many as this coordinator may have");
    }

    @Test
    void theyEndWithTheCoordinator() throws InterruptedException {
        Hello asked = new Hello("h");
        coordinator.close();
        assertThat(asked.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
    }
}

package io.farpool.worker.socket;

import io.farpool.worker.link.GrpcLink;
import java.io.IOException;

/** A loop of either kind, and what ends it. */
public record TestLoop(SocketLoop loop, Runnable end) implements AutoCloseable {
    /** The kinds there are. */
    public enum Kind {
        /** With a thread of its own. */
        OWN,
        /** On the thread of a connection, which need not have connected. */
        OF_A_CONNECTION;

        public TestLoop start() throws IOException {
            if (this == OWN) {
                SelectorLoop own = SelectorLoop.start("own-loop");
                return new TestLoop(own, own::close);
            }
            GrpcLink link = new GrpcLink("localhost:1");
            return new TestLoop(link.sockets(), link::close);
        }
    }

    @Override
    public void close() {
        end.run();
    }
}

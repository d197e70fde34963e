package io.farpool.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The coordinator's port, by somebody who speaks HTTP/2 and no more of it than is needed. */
@Timeout(120)
class RawConnectionTest {
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final short INITIAL_WINDOW_SIZE = 4;
    private static final int WINDOW_BEFORE = 65_535;
    private static final int READ_MILLIS = 30_000;

    @Test
    void whoIsSilentAndAnswersNoPingIsGivenUp() throws IOException {
        try (CoordinatorServer server = CoordinatorServer.start(
                        CoordinatorSettings.defaults().withPort(0).withPeerSilence(Duration.ofSeconds(1)));
                Socket socket = greeted(server)) {
            List<Integer> frames = new ArrayList<>();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            try {
                while (true) {
                    frames.add(Frame.read(in).type);
                }
            } catch (EOFException itsEnd) {
                assertThat(frames).contains(PING);
            }
        }
    }

    @Test
    void itSaysHowMuchMayBeOnItsWay() throws IOException {
        int windowBytes = 3 << 20;
        try (CoordinatorServer server = CoordinatorServer.start(
                        CoordinatorSettings.defaults().withPort(0).withStreamWindowBytes(windowBytes));
                Socket socket = greeted(server)) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int ofAStream = 0;
            int ofAll = 0;
            while (ofAStream == 0 || ofAll == 0) {
                Frame frame = Frame.read(in);
                if (frame.type == SETTINGS && frame.payload.hasRemaining()) {
                    ofAStream = frame.setting(INITIAL_WINDOW_SIZE);
                } else if (frame.type == WINDOW_UPDATE) {
                    ofAll = WINDOW_BEFORE + frame.payload.getInt();
                }
            }
            assertThat(ofAStream).isEqualTo(windowBytes);
            assertThat(ofAll).isEqualTo(windowBytes);
        }
    }

    @Test
    void windowsAndSilencesThatCannotWorkAreRefused() {
        CoordinatorSettings settings = CoordinatorSettings.defaults();
        assertThatThrownBy(() -> settings.withStreamWindowBytes(1_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("stream window must be 1048576 to 268435456 bytes, not 1000");
        assertThatThrownBy(() -> settings.withPeerSilence(Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("peer silence must be at least PT1S, not PT0.999S");
    }

    private static Socket greeted(CoordinatorServer server) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(READ_MILLIS);
        byte[] noSettings = {0, 0, 0, SETTINGS, 0, 0, 0, 0, 0};
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(noSettings);
        return socket;
    }

    private record Frame(int type, ByteBuffer payload) {
        static Frame read(DataInputStream in) throws IOException {
            int lengthAndType = in.readInt();
            in.skipNBytes(Byte.BYTES + Integer.BYTES); // flags and stream
            byte[] payload = new byte[lengthAndType >>> Byte.SIZE];
            in.readFully(payload);
            return new Frame(lengthAndType & 0xff, ByteBuffer.wrap(payload));
        }

        /** Its value; 0 if it is not said. */
        int setting(short name) {
            while (payload.hasRemaining()) {
                short read = payload.getShort();
                int value = payload.getInt();
                if (read == name) {
                    return value;
                }
            }
            return 0;
        }
    }
}

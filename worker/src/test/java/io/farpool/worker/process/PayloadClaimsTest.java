package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A process says where its large results are, and the daemon believes what it can check. */
class PayloadClaimsTest {
    private DaemonDirectory directory;
    private PayloadClaims claims;

    @BeforeEach
    void create() throws IOException {
        directory = DaemonDirectory.create();
        directory.createForProcess(1);
        directory.createForProcess(2);
        claims = new PayloadClaims(directory);
    }

    @AfterEach
    void remove() {
        directory.remove();
    }

    @Test
    void aProcessIsToldItsOwnDirectoryAndTheLimit() {
        ToProcess message = ToProcess.newBuilder()
                .setPrepare(Prepare.newBuilder().setSessionId("s"))
                .build();
        Prepare told = claims.completed(1, message).getPrepare();
        assertThat(Path.of(told.getPayloadDirectory())).isEmptyDirectory().isEqualTo(directory.payloadsOf(1));
        assertThat(told.getMaxInlinePayloadBytes()).isEqualTo(Protocol.MAX_INLINE_PAYLOAD_BYTES);
        assertThat(told.getSessionId()).isEqualTo("s");
    }

    @Test
    void filesBecomeTheDaemonsOwnAndInlinePayloadsStayAsTheyAre() throws IOException {
        Path result = write(1, "1", 10);
        Path exception = write(1, "2", 20);
        ProcessOutcome small = ProcessOutcome.newBuilder()
                .setOrdinal(2)
                .setResult(Payload.newBuilder().setInline(ByteString.copyFromUtf8("small")))
                .build();
        FromProcess claimed = claims.claim(
                1,
                FromProcess.newBuilder()
                        .addOutcomes(ProcessOutcome.newBuilder().setOrdinal(1).setResult(payload(result, 10)))
                        .addOutcomes(small)
                        .addOutcomes(ProcessOutcome.newBuilder()
                                .setOrdinal(3)
                                .setFailure(Failure.newBuilder().setMessage("m").setException(payload(exception, 20))))
                        .build());
        assertThat(claimed.getOutcomes(1)).isEqualTo(small);
        assertThat(claimed.getOutcomes(2).getFailure().getMessage()).isEqualTo("m");
        PayloadReference first = claimed.getOutcomes(0).getResult().getReference();
        PayloadReference second =
                claimed.getOutcomes(2).getFailure().getException().getReference();
        assertThat(first.getCrc32C()).isEqualTo(7);
        assertThat(Path.of(first.getPath())).hasParent(directory.payloads()).hasSize(10);
        assertThat(Path.of(second.getPath())).hasParent(directory.payloads()).hasSize(20);
        assertThat(directory.payloadsOf(1)).isEmptyDirectory();
    }

    @Test
    void anInitializersExceptionIsClaimedToo() throws IOException {
        FromProcess claimed = claims.claim(
                1,
                FromProcess.newBuilder()
                        .setPrepareFailed(Failure.newBuilder().setException(payload(write(1, "1", 10), 10)))
                        .build());
        assertThat(Path.of(
                        claimed.getPrepareFailed().getException().getReference().getPath()))
                .hasParent(directory.payloads());
    }

    @Test
    void aFileOfAnotherDirectoryIsRefusedAndStaysWhereItIs() throws IOException {
        Path theirs = write(2, "1", 10);
        refused(payload(theirs, 10), "expected a file in");
        assertThat(theirs).exists();
        refused(payload(directory.payloadsOf(1).resolve("../../p2/payloads/1"), 10), "expected a file in");
        refused(payload(Path.of("relative"), 10), "expected a file in");
        refused(payload(Path.of("/"), 10), "expected a file in");
    }

    @Test
    void whatIsNotTheFileThatIsSaidIsRefused() throws IOException {
        refused(payload(write(1, "short", 10), 11), "11 bytes");
        refused(payload(directory.payloadsOf(1).resolve("missing"), 10), "no such file");
        Path link = Files.createSymbolicLink(directory.payloadsOf(1).resolve("link"), write(2, "target", 10));
        refused(payload(link, 10), "is none");
        Path folder = Files.createDirectory(directory.payloadsOf(1).resolve("folder"));
        refused(payload(folder, Files.size(folder)), "is none");
        refused(
                Payload.newBuilder()
                        .setReference(PayloadReference.newBuilder().setPath("\0"))
                        .build(),
                "cannot be taken");
    }

    @Test
    void whatNoCoordinatorWouldPassOnIsRefused() throws IOException {
        refused(payload(write(1, "large", 10), (1L << 50) + 1), "expected at most 1125899906842624");
    }

    @Test
    void anOutcomeWithoutBytesIsRefused() throws IOException {
        refused(Payload.getDefaultInstance(), "expected bytes");
        refused(payload(write(1, "empty", 0), 0), "0 bytes");
        assertThatThrownBy(() -> claims.claim(
                        1,
                        FromProcess.newBuilder()
                                .addOutcomes(ProcessOutcome.newBuilder().setOrdinal(1))
                                .build()))
                .isInstanceOf(PayloadClaims.RefusedException.class)
                .hasMessageContaining("expected a result or a failure");
    }

    @Test
    void ofAMessageThatIsRefusedNothingIsKept() throws IOException {
        FromProcess message = FromProcess.newBuilder()
                .addOutcomes(ProcessOutcome.newBuilder().setOrdinal(1).setResult(payload(write(1, "1", 10), 10)))
                .addOutcomes(ProcessOutcome.newBuilder().setOrdinal(2))
                .build();
        assertThatThrownBy(() -> claims.claim(1, message)).isInstanceOf(PayloadClaims.RefusedException.class);
        assertThat(directory.payloads()).isEmptyDirectory();
    }

    @Test
    void aPayloadThatShouldBeAFileIsRefused() {
        refused(
                Payload.newBuilder()
                        .setInline(ByteString.copyFrom(new byte[Protocol.MAX_INLINE_PAYLOAD_BYTES + 1]))
                        .build(),
                "expected at most 1114112");
    }

    private void refused(Payload payload, String why) {
        FromProcess message = FromProcess.newBuilder()
                .addOutcomes(ProcessOutcome.newBuilder().setOrdinal(1).setResult(payload))
                .build();
        assertThatThrownBy(() -> claims.claim(1, message))
                .isInstanceOf(PayloadClaims.RefusedException.class)
                .hasMessageContaining(why);
    }

    private Path write(long process, String name, int bytes) throws IOException {
        return Files.write(directory.payloadsOf(process).resolve(name), new byte[bytes]);
    }

    private static Payload payload(Path path, long sizeBytes) {
        return Payload.newBuilder()
                .setReference(PayloadReference.newBuilder()
                        .setPath(path.toString())
                        .setSizeBytes(sizeBytes)
                        .setCrc32C(7))
                .build();
    }
}

package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.bundle.ClassPathBundle;
import io.farpool.contract.Await;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a connection leaves behind in a program that ends soon. */
class ProgramsEndIT {
    @TempDir
    Path directory;

    /** Says which threads its JVM would wait for, once it has used a connection and closed it. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            GrpcConnection connection = GrpcConnection.to("127.0.0.1:1", ClassPathBundle.of(List.of()), Runnable::run);
            CompletableFuture<DescribeResponse> answer = new CompletableFuture<>();
            connection.describe(DescribeRequest.getDefaultInstance(), new UnaryAnswer<>(answer));
            try {
                System.out.println(answer.join());
            } catch (CompletionException nobodyIsThere) {
                System.out.println(nobodyIsThere.getMessage());
            }
            connection.close();
            // Its last act may be to start another thread.
            Await.until("the transport's thread has gone", () -> named("farpool-connection")
                    .isEmpty());
            System.out.println(Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> !thread.isDaemon())
                    .map(Thread::getName)
                    .toList());
        }

        private static List<Thread> named(String prefix) {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith(prefix))
                    .toList();
        }
    }

    /**
     * Netty's executor for what belongs to no event loop has a thread that a JVM waits for until Netty is a second old. Where the
     * program takes longer than that, there is nothing to be seen.
     */
    @Test
    void noThreadOfTheTransportHoldsThemUp() throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName())
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(output)).contains("UNAVAILABLE").endsWith("[main]\n");
        } finally {
            process.destroyForcibly();
        }
    }
}

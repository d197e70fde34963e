package io.farpool.examples;

import com.sun.net.httpserver.HttpServer;
import io.farpool.Futures;
import io.farpool.PoolFuture;
import io.farpool.ThreadPoolExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;

/** Work that waits rather than computes needs threads, not processes: fifty fetches by twenty threads, ten at a time. */
@Command(name = "fetch", description = "Fetch 50 ids over HTTP with 20 threads, at most 10 at a time.")
public final class Fetch implements Callable<Integer> {
    private static final int IDS = 50;
    private static final int THREADS = 20;
    private static final int AT_ONCE = 10;
    private static final long ANSWER_MILLIS = 100;

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Fetch(), args));
    }

    @Override
    public Integer call() throws IOException {
        Map<Integer, String> failures = new TreeMap<>();
        int fetched = 0;
        Elapsed elapsed;
        try (Server server = new Server();
                ThreadPoolExecutor pool = ThreadPoolExecutor.create(THREADS);
                Progress progress = Progress.of("fetch", IDS)) {
            HttpClient client = HttpClient.newHttpClient();
            Semaphore permits = new Semaphore(AT_ONCE);
            elapsed = Elapsed.start();
            Map<PoolFuture<String>, Integer> ids = new LinkedHashMap<>();
            for (int id = 1; id <= IDS; id++) {
                URI uri = server.uri(id);
                ids.put(pool.submit(() -> fetch(client, permits, uri)), id);
            }
            for (PoolFuture<String> future : Futures.asCompleted(ids.keySet())) {
                Throwable failure = future.exception();
                if (failure == null) {
                    fetched++;
                } else {
                    failures.put(ids.get(future), Main.describe(failure));
                }
                progress.step();
            }
            System.out.println("at most " + server.mostAtOnce.get() + " requests at a time");
        }
        failures.forEach((id, failure) -> System.out.println("id " + id + " failed: " + failure));
        System.out.println(fetched + " fetched, " + failures.size() + " failed, elapsed " + elapsed);
        return 0;
    }

    private static String fetch(HttpClient client, Semaphore permits, URI uri)
            throws IOException, InterruptedException {
        permits.acquire();
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IOException("HTTP " + response.statusCode() + " for " + uri.getPath());
            }
            return response.body();
        } finally {
            permits.release();
        }
    }

    /** What is fetched from: answers after a tenth of a second, and with an error for every seventh id. */
    private static final class Server implements AutoCloseable {
        private final HttpServer http =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), IDS);
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final AtomicInteger atOnce = new AtomicInteger();
        private final AtomicInteger mostAtOnce = new AtomicInteger();

        Server() throws IOException {
            http.setExecutor(threads);
            http.createContext("/items/", exchange -> {
                mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                try (exchange) {
                    Thread.sleep(ANSWER_MILLIS);
                    String path = exchange.getRequestURI().getPath();
                    int id = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
                    byte[] body = ("item " + id).getBytes(StandardCharsets.UTF_8);
                    atOnce.decrementAndGet();
                    exchange.sendResponseHeaders(id % 7 == 0 ? 500 : 200, body.length);
                    exchange.getResponseBody().write(body);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            http.start();
        }

        URI uri(int id) {
            return URI.create("http://" + http.getAddress().getHostString() + ":"
                    + http.getAddress().getPort() + "/items/" + id);
        }

        @Override
        public void close() {
            http.stop(0);
            threads.shutdownNow();
        }
    }
}

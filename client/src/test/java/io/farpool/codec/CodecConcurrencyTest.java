package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CodecConcurrencyTest {
    private static final int THREADS = 8;

    @Test
    void oneCodecServesManyThreads() throws Exception {
        Codec codec = new Codec();
        List<Values.Value> values = Values.all().stream()
                .filter(value -> !value.name().contains("00,000"))
                .filter(value -> !value.name().contains("constructors"))
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int offset = thread * values.size() / THREADS;
                work.add(() -> {
                    for (int i = 0; i < values.size(); i++) {
                        Values.Value value = values.get((i + offset) % values.size());
                        Object sent = value.make().call();
                        value.check().check(sent, codec.decode(codec.encode(sent)));
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(work, 60, TimeUnit.SECONDS)) {
                assertThat(done.isCancelled()).isFalse();
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void deepValuesOfManyThreadsWaitForEachOther() throws Exception {
        Codec codec = new Codec();
        GraphValues.Node deep = new GraphValues.Node("last");
        for (int i = 0; i < 20_000; i++) {
            GraphValues.Node node = new GraphValues.Node("n");
            node.next = deep;
            deep = node;
        }
        GraphValues.Node value = deep;
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            Callable<Object> roundTrip = () -> codec.decode(codec.encode(value));
            for (Future<Object> done :
                    threads.invokeAll(java.util.Collections.nCopies(THREADS, roundTrip), 60, TimeUnit.SECONDS)) {
                assertThat(done.get()).isInstanceOf(GraphValues.Node.class);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anInterruptIsKeptWhileADeepValueIsEncoded() {
        Codec codec = new Codec();
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            list = new ArrayList<>(List.of(list));
        }
        Thread.currentThread().interrupt();
        byte[] bytes = codec.encode(list);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(codec.decode(bytes)).isInstanceOf(List.class);
    }
}

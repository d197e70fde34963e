package io.farpool.bench.hot;

import io.farpool.RemoteCallable;
import io.farpool.bench.task.NoOp;
import io.farpool.codec.Codec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Objects to bytes and back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
    private static final int ARRAY = 10_000;

    /** What is serialized. */
    @Param({"callable", "lambda", "list", "ints", "doubles"})
    public String value = "callable";

    private final Codec codec = new Codec(CodecBenchmark.class.getClassLoader());
    private Object object = "";
    private byte[] bytes = {};

    /** Makes the value and its bytes. */
    @Setup
    public void make() {
        long captured = 42;
        RemoteCallable<Long> lambda = () -> captured + 1;
        object = switch (value) {
            case "callable" -> new NoOp(42);
            case "lambda" -> lambda;
            case "list" -> numbers();
            case "ints" -> IntStream.range(0, ARRAY).map(i -> i * 0x9E3779B9).toArray();
            case "doubles" ->
                IntStream.range(0, ARRAY).mapToDouble(i -> i / 3.0).toArray();
            default -> throw new IllegalArgumentException("no value is called '" + value + "'");
        };
        bytes = codec.encode(object);
    }

    private static List<Integer> numbers() {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            numbers.add(i * 1_000);
        }
        return numbers;
    }

    /** To bytes. */
    @Benchmark
    public byte[] encode() {
        return codec.encode(object);
    }

    /** And back. */
    @Benchmark
    public @Nullable Object decode() {
        return codec.decode(bytes);
    }
}

package io.farpool.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every example, run as a user runs it: a JVM of its own, judged by what it prints and its exit code. */
class ExamplesIT {
    private static final String NAMES =
            "primes, images, logs, fetch, prices, cancel, timeout, wait, errors, callbacks, switch";

    @TempDir
    private Path scratch;

    @Test
    void primesFindsAllFivePrimeAndCountsTheRest() throws Exception {
        Ran ran = example("primes").succeeded();
        assertThat(ran.lines().subList(0, 9))
                .containsExactly(
                        "1000003 is prime: true",
                        "1000033 is prime: true",
                        "1000037 is prime: true",
                        "1000039 is prime: true",
                        "1000081 is prime: true",
                        "Primes below 1000000: 78498",
                        "Primes below 2000000: 148933",
                        "Primes below 3000000: 216816",
                        "Primes below 4000000: 283146");
        assertThat(ran.lines().get(9)).matches("elapsed \\d+\\.\\d\\d s");
        assertThat(ran.lines()).hasSize(10);
    }

    @Test
    void primesTakesOtherNumbers() throws Exception {
        assertThat(example("primes", "--numbers", "1,2,9", "--limits", "10,2")
                        .succeeded()
                        .lines())
                .startsWith(
                        "1 is prime: false",
                        "2 is prime: true",
                        "9 is prime: false",
                        "Primes below 10: 4",
                        "Primes below 2: 0");
    }

    @Test
    void imagesResizesAFolderAndListsWhatItCannotRead() throws Exception {
        Path in = scratch.resolve("in");
        Pictures.write(in.resolve("a.png"), "png", 300, 200);
        Pictures.write(in.resolve("a.jpg"), "jpg", 200, 300);
        Pictures.write(in.resolve("deep/er/a.JPEG"), "jpg", 20, 30);
        Pictures.write(in.resolve("deep/name with spaces.PNG"), "png", 1, 1);
        Files.writeString(in.resolve("deep/broken.png"), "not a picture");
        Files.writeString(in.resolve("notes.txt"), "not asked for");
        Path out = in.resolve("out");

        Ran ran = example("images", "--in", in.toString(), "--out", out.toString(), "--size", "80x60")
                .succeeded();

        assertThat(ran.lines()).hasSize(7);
        for (int i = 0; i < 5; i++) {
            assertThat(ran.lines().get(i)).startsWith("[" + (i + 1) + "/5] ");
        }
        assertThat(ran.lines().subList(0, 5).stream().map(line -> line.substring(6)))
                .containsExactlyInAnyOrder(
                        "a.png -> " + out.resolve("a.png"),
                        "a.jpg -> " + out.resolve("a.jpg"),
                        "deep/er/a.JPEG -> " + out.resolve("deep/er/a.JPEG"),
                        "deep/name with spaces.PNG -> " + out.resolve("deep/name with spaces.PNG"),
                        "deep/broken.png failed");
        assertThat(ran.lines().get(5)).startsWith("failed: deep/broken.png: ");
        assertThat(ran.lines().get(6)).matches("4 resized, 1 failed, elapsed .* s");
        assertThat(files(out)).hasSize(4).allSatisfy(file -> {
            assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(80);
            assertThat(ImageIO.read(file.toFile()).getHeight()).isEqualTo(60);
        });

        // Again: its own results, below the input, are not taken for input.
        ran = example("images", "--in", in.toString(), "--out", out.toString(), "--size", "80x60")
                .succeeded();
        assertThat(ran.lines()).hasSize(7);
        assertThat(files(out)).hasSize(4);
    }

    @Test
    void imagesResizesTheIconsOfThisMachine() throws Exception {
        Path icons = Path.of("/usr/share/icons");
        Assumptions.assumeTrue(Files.isDirectory(icons), icons + " is not there");
        Path in = scratch.resolve("in");
        List<Path> some =
                files(icons).stream().filter(Images::isPicture).limit(200).toList();
        for (Path icon : some) {
            Path copy = in.resolve(icons.relativize(icon));
            Files.createDirectories(copy.getParent());
            Files.copy(icon, copy);
        }
        Assumptions.assumeFalse(some.isEmpty(), "no pictures in " + icons);
        Path out = scratch.resolve("out");

        Ran ran = example("images", "--in", in.toString(), "--out", out.toString(), "--size", "32x32")
                .succeeded();

        assertThat(ran.lines().get(ran.lines().size() - 1)).startsWith(some.size() + " resized, 0 failed, ");
        assertThat(files(out).stream().map(out::relativize).toList())
                .isEqualTo(files(in).stream().map(in::relativize).toList());
    }

    @Test
    void logsCountsAsGrepDoes() throws Exception {
        Path logs = scratch.resolve("logs");
        Files.createDirectories(logs.resolve("deep"));
        log(logs.resolve("quiet.log"), "fine\n".repeat(1000));
        log(logs.resolve("empty.log"), "");
        log(logs.resolve("bad.log"), "x ERROR y\nWARN\nERROR WARN ERROR\n\n".repeat(500) + "last ERROR");
        log(logs.resolve("deep/odd.log"), "\u00ff\u00fe ERROR\r\n\u00e9WARNING\u00c3\nerror\nERERROR");
        log(logs.resolve("other.txt"), "ERROR\n");
        Files.createSymbolicLink(logs.resolve("broken.log"), logs.resolve("gone"));

        Ran ran = example("logs", logs.toString()).succeeded();

        List<String> rows = new ArrayList<>();
        for (String name : List.of("bad.log", "deep/odd.log", "empty.log", "quiet.log")) {
            Path file = logs.resolve(name);
            rows.add(grep("", file) + " " + grep("ERROR", file) + " " + grep("WARN", file) + " " + name);
        }
        assertThat(ran.lines().get(0).strip().split(" +")).containsExactly("LINES", "ERROR", "WARN", "FILE");
        assertThat(ran.lines().subList(1, 5).stream().map(row -> row.strip().replaceAll(" +", " ")))
                .containsExactlyElementsOf(rows);
        assertThat(ran.lines().get(5)).startsWith("unreadable: broken.log: NoSuchFileException: ");
        assertThat(ran.lines().get(6)).startsWith("4 counted, 1 unreadable, elapsed ");
        assertThat(ran.lines()).hasSize(7);
    }

    @Test
    void logsTakesAnotherPattern() throws Exception {
        log(scratch.resolve("a.log"), "\n");
        log(scratch.resolve("a.txt"), "ERROR\n");
        Ran ran = example("logs", scratch.toString(), "--pattern", "*.{txt,md}").succeeded();
        assertThat(ran.lines().get(1).strip()).matches("1 +1 +0 +a\\.txt");
        assertThat(ran.lines()).hasSize(3);
    }

    @Test
    void fetchGetsFiftyIdsTenAtATimeAndReportsTheSevenThatFail() throws Exception {
        Ran ran = example("fetch").succeeded();
        assertThat(ran.lines().get(0)).isEqualTo("at most 10 requests at a time");
        assertThat(ran.lines().subList(1, 8))
                .containsExactlyElementsOf(Stream.of(7, 14, 21, 28, 35, 42, 49)
                        .map(id -> "id " + id + " failed: IOException: HTTP 500 for /items/" + id)
                        .toList());
        assertThat(ran.lines().get(8)).startsWith("43 fetched, 7 failed, elapsed ");
        // Fifty answers of 0.1 s, ten at a time.
        assertThat(seconds(ran.lines().get(8))).isBetween(0.5, 4.0);
    }

    @Test
    void pricesTakesTheTimeOfOneCall() throws Exception {
        Ran ran = example("prices").succeeded();
        assertThat(ran.lines().subList(0, 4))
                .containsExactly("apples: 1.20", "bananas: 0.80", "cherries: 6.50", "dates: 4.10");
        assertThat(seconds(ran.lines().get(4))).isGreaterThanOrEqualTo(0.2).isLessThan(0.8);
    }

    @Test
    void cancelCancelsEightOfTen() throws Exception {
        Ran ran = example("cancel").succeeded();
        for (int i = 2; i < 10; i++) {
            assertThat(ran.lines().get(i - 2)).isEqualTo("Future " + i + " cancelled: true");
        }
        assertThat(ran.lines().subList(8, 10)).containsExactly("Future 0 result: 0", "Future 1 result: 1");
        assertThat(seconds(ran.lines().get(10))).isBetween(2.0, 9.0);
    }

    @Test
    void timeoutPrintsWhatWasDoneInTime() throws Exception {
        assertThat(example("timeout").succeeded().lines())
                .containsExactly("done after 100 ms", "done after 200 ms", "timed out: not all done within 2 s");
    }

    @Test
    void waitSeesTheQuickestFirst() throws Exception {
        assertThat(example("wait").succeeded().lines())
                .containsExactly(
                        "finished first: delta",
                        "pending: 3",
                        "finished later: alpha",
                        "finished later: beta",
                        "finished later: gamma",
                        "pending: 0");
    }

    @Test
    void errorsThrowsAgainWhatTheTaskThrew() throws Exception {
        List<String> lines = example("errors").succeeded().lines();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).isEqualTo("10 / 2 = 5");
        assertThat(lines.get(1))
                .matches("5 / 0 threw java\\.lang\\.ArithmeticException: / by zero, in process \\d+ on \\S+");
        assertThat(lines.get(2)).isEqualTo("8 / 4 = 2");
    }

    @Test
    void callbacksSeeEveryEnd() throws Exception {
        assertThat(example("callbacks").succeeded().lines())
                .containsExactlyInAnyOrder(
                        "cancelled: was cancelled",
                        "success: returned 42",
                        "failure: failed with java.lang.NumberFormatException: For input string: \"forty-two\"");
    }

    @Test
    void switchRunsOneFunctionOnThreadsAndProcesses() throws Exception {
        List<String> lines =
                example("switch", "--tasks", "3", "--limit", "1000").succeeded().lines();
        assertThat(lines).hasSize(2);
        String times = " +3 x countBelow\\(1000\\): first \\d+\\.\\d\\d s, again \\d+\\.\\d\\d s";
        assertThat(lines.get(0)).matches("threads" + times);
        assertThat(lines.get(1)).matches("processes" + times);
    }

    @Test
    void withoutANameListsThemAll() throws Exception {
        List<String> lines = example().succeeded().lines();
        assertThat(lines.get(0)).startsWith("usage: farpool example NAME [options]");
        assertThat(lines.stream().skip(1).map(line -> line.strip().split(" +", 2)[0]))
                .containsExactly(NAMES.split(", "));
        assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
    }

    @Test
    void anUnknownNameIsOneLine() throws Exception {
        assertThat(example("x"))
                .isEqualTo(new Ran(2, "", "farpool example: no such example 'x'; there are: " + NAMES + "\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--loud | farpool example: Unknown option: '--loud'",
                "primes --numbers 7,x | primes: Invalid value for option '--numbers' (N): 'x' is not a long",
                "primes --limits 99999999999 | primes: Invalid value for option '--limits' (L): '99999999999' is not an int",
                "wait now | wait: Unmatched argument at index 1: 'now'",
                "images --in . | images: Missing required option: '--out=DIR'",
                "images --in . --out x --size 8 | images: Invalid value for option '--size': '8' is not WIDTHxHEIGHT in pixels, such as 800x600",
                "images --in nowhere --out x | images: --in nowhere is not a folder",
                "images --in . --out . | images: --out . is the same folder as --in; the originals would be overwritten",
                "logs | logs: Missing required parameter: 'DIR'",
                "logs nowhere | logs: nowhere is not a folder",
                "primes --coordinator nowhere | primes: --coordinator: the coordinator's address is 'nowhere', expected host:port (as in localhost:7077) or a gRPC target (as in dns:///farpool.jobs:7077)",
                "switch --tasks 0 | switch: --tasks is 0, expected 1 or more",
            })
    void aBadCommandLineIsOneLine(String arguments, String message) throws Exception {
        assertThat(example(arguments.split(" "))).isEqualTo(new Ran(2, "", message + "\n"));
    }

    @Test
    void aFailureIsOneLine() throws Exception {
        int nobodyListens;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobodyListens = socket.getLocalPort();
        }
        Ran ran = example("errors", "--coordinator", "localhost:" + nobodyListens);
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err())
                .startsWith("errors: BrokenExecutorException: no coordinator answers at localhost:" + nobodyListens);
        assertThat(ran.err().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(classes = {Prices.class, Wait.class, Errors.class})
    void everyExampleHasAMainOfItsOwn(Class<?> example) throws Exception {
        assertThat(run(example, List.of()).succeeded().out()).isNotEmpty();
        Ran bad = run(example, List.of("--what"));
        assertThat(bad.exit()).isEqualTo(2);
        assertThat(bad.err().lines()).hasSize(1);
    }

    private Ran example(String... arguments) throws IOException, InterruptedException {
        return run(Main.class, List.of(arguments));
    }

    private Ran run(Class<?> main, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(arguments);
        return run(command);
    }

    private Ran run(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(scratch, "stdout", "");
        Path err = Files.createTempFile(scratch, "stderr", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().remove("FARPOOL_COORDINATOR");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as("%s ended within 2 minutes", command)
                    .isTrue();
            return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }

    private long grep(String word, Path file) throws IOException, InterruptedException {
        return Long.parseLong(
                run(List.of("grep", "-c", word, file.toString())).out().strip());
    }

    private static void log(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardCharsets.ISO_8859_1);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            Predicate<Path> isFile = Files::isRegularFile;
            return all.filter(isFile).sorted().toList();
        }
    }

    private static double seconds(String line) {
        return Double.parseDouble(line.replaceAll(".*elapsed (\\S+) s", "$1"));
    }

    private record Ran(int exit, String out, String err) {
        /** Succeeded without a word on stderr. */
        Ran succeeded() {
            assertThat(this).isEqualTo(new Ran(0, out, ""));
            return this;
        }

        List<String> lines() {
            return out.lines().toList();
        }
    }
}

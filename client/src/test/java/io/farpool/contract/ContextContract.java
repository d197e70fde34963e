package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.farpool.BrokenProcessPoolException;
import io.farpool.NotSerializableTaskException;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessContext;
import io.farpool.ProcessPoolExecutor;
import io.farpool.RemoteRunnable;
import io.farpool.Startup;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a ProcessContext says of worker processes, seen in them, and what becomes of a pool whose context cannot work. */
abstract class ContextContract extends Contract {
    @TempDir
    Path given;

    @Override
    protected abstract ProcessBackend backend();

    private PoolExecutor newPool(ProcessContext context) {
        return ended(backend().builder(1).processContext(context).build());
    }

    private static String property(String name) {
        return System.getProperty(name, "(none)");
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        return value == null ? "(none)" : value;
    }

    // ---------------------------------------------------------------------------------------------------- the startup

    @Test
    @DisplayName("3. all at once: nothing before the first submit, with it exactly maxWorkers processes")
    void startsAllAtOnce() {
        Trace started = newTrace();
        PoolExecutor pool = ended(backend()
                .builder(3)
                .processContext(ProcessContext.defaults().startup(Startup.ALL_AT_ONCE))
                .initializer(() -> started.add("" + Tasks.pid()))
                .build());
        assertThat(pool.info().processes()).isZero();
        assertThat(started.lines()).isEmpty();
        assertThat(pool.submit(Tasks::square, 3).result()).isEqualTo(9);
        Await.until("three processes", () -> started.lines().size() == 3);
        List<PoolFuture<Long>> pids = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            pids.add(pool.submit(Tasks::pid));
        }
        assertThat(pids).allMatch(pid -> started.lines().contains("" + pid.result()));
        assertThat(pool.info().processes()).isEqualTo(3);
        assertThat(started.lines()).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("3. all at once takes no slot from a pool that has tasks")
    void leavesOthersTheirs() {
        Gate gate = newGate();
        PoolExecutor other = newPool(2);
        List<PoolFuture<Boolean>> running = List.of(other.submit(gate::await), other.submit(gate::await));
        Await.until("both run", () -> running.stream().allMatch(PoolFuture::running));
        PoolExecutor pool = ended(backend()
                .builder(4)
                .processContext(ProcessContext.defaults().startup(Startup.ALL_AT_ONCE))
                .build());
        assertThat(pool.submit(Tasks::square, 3).result()).isEqualTo(9);
        gate.open();
        assertThat(running).allMatch(PoolFuture::result);
        assertThat(running).allMatch(future -> future.info().attempts().size() == 1);
    }

    @Test
    @DisplayName("3. on demand, the default, one task starts one process")
    void startsOnDemand() {
        Trace started = newTrace();
        PoolExecutor pool = newPool(3, () -> started.add("" + Tasks.pid()));
        for (int i = 0; i < 5; i++) {
            assertThat(pool.submit(Tasks::square, i).result()).isEqualTo(i * i);
        }
        assertThat(pool.info().processes()).isEqualTo(1);
        assertThat(started.lines()).hasSize(1);
    }

    // ---------------------------------------------------------------------------------------------------- JVM options

    @Test
    @DisplayName("JVM options come in their order, after Farpool's own: the last one wins")
    void givesJvmOptionsInTheirOrder() {
        PoolExecutor pool = newPool(ProcessContext.defaults()
                .jvmOptions("-Dcontext.first=1", "-Dcontext.again=1")
                .jvmOptions("-Dcontext.again=2", "-Xmx48m", "-Dstdout.encoding=US-ASCII"));
        assertThat(pool.submit(ContextContract::property, "context.first").result())
                .isEqualTo("1");
        assertThat(pool.submit(ContextContract::property, "context.again").result())
                .isEqualTo("2");
        assertThat(pool.submit(ContextContract::property, "stdout.encoding").result())
                .as("Farpool's own is UTF-8")
                .isEqualTo("US-ASCII");
        assertThat(pool.submit(() -> Runtime.getRuntime().maxMemory()).result()).isLessThanOrEqualTo(48L << 20);
    }

    @Test
    @DisplayName("a JVM option that java does not know breaks the pool, naming it")
    void namesABadJvmOption() {
        breaks(ProcessContext.defaults().jvmOptions("-XX:NoSuchOption=7"), "NoSuchOption");
    }

    private void breaks(ProcessContext context, String named) {
        PoolExecutor pool = newPool(context);
        List<PoolFuture<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(pool.submit(Tasks::square, i));
        }
        for (PoolFuture<Integer> future : waiting) {
            assertThat(future.exception())
                    .isInstanceOf(BrokenProcessPoolException.class)
                    .hasMessageContaining(named);
        }
        assertThatThrownBy(() -> pool.submit(Tasks::square, 1))
                .isInstanceOf(BrokenProcessPoolException.class)
                .hasMessageContaining(named);
    }

    // ---------------------------------------------------------------------------------------------------- environment

    @Test
    @DisplayName("variables are added to the environment, and replace what is there")
    void setsTheEnvironment() {
        PoolExecutor pool = newPool(ProcessContext.defaults()
                .environment("CONTEXT_NEW", "a = b, \u00e4")
                .environment("HOME", "elsewhere")
                .environment("CONTEXT_EMPTY", ""));
        assertThat(pool.submit(ContextContract::variable, "CONTEXT_NEW").result())
                .startsWith("a = b, ");
        assertThat(pool.submit(ContextContract::variable, "HOME").result()).isEqualTo("elsewhere");
        assertThat(pool.submit(ContextContract::variable, "CONTEXT_EMPTY").result())
                .isEmpty();
        assertThat(pool.submit(ContextContract::variable, "PATH").result())
                .as("the rest is the daemon's")
                .isEqualTo(System.getenv("PATH"));
    }

    // -------------------------------------------------------------------------------------------- working directory

    @Test
    @DisplayName("processes start in the working directory, or in one of their own")
    void startsInTheWorkingDirectory() throws Exception {
        PoolExecutor pool = newPool(ProcessContext.defaults().workingDirectory(given));
        assertThat(Path.of(pool.submit(ContextContract::property, "user.dir").result()))
                .isEqualTo(given.toRealPath());
        PoolExecutor unsaid = newPool(ProcessContext.defaults());
        assertThat(Path.of(unsaid.submit(ContextContract::property, "user.dir").result()))
                .isNotEqualTo(Path.of("").toAbsolutePath());
    }

    @Test
    @DisplayName("a working directory that is not there breaks the pool, naming it")
    void namesAMissingWorkingDirectory() {
        Path missing = given.resolve("missing");
        breaks(ProcessContext.defaults().workingDirectory(missing), missing.toString());
    }

    // ---------------------------------------------------------------------------------------------------- JDK

    @Test
    @DisplayName("processes run on the JDK that is asked for")
    void runsOnAnotherJdk() {
        Jdk other = Jdk.newestBut(Runtime.version().feature());
        assumeTrue(other != null, "SKIPPED: there is no second JDK of 17 or newer on this machine to run processes on");
        PoolExecutor pool = newPool(ProcessContext.defaults().javaHome(other.home()));
        assertThat(pool.submit(() -> Runtime.version().feature()).result()).isEqualTo(other.feature());
        assertThat(pool.submit(Tasks::pow, 2, 8).result()).isEqualTo(256);
        int number = 5;
        assertThat(pool.submit(() -> List.of(number, other.feature())).result()).containsExactly(5, other.feature());
    }

    @Test
    @DisplayName("a JDK home without java breaks the pool, naming it")
    void namesAHomeWithoutJava() throws Exception {
        Path home = Files.createDirectory(given.resolve("no-jdk"));
        breaks(ProcessContext.defaults().javaHome(home), home.toString());
    }

    // ---------------------------------------------------------------------------------------------------- initializer

    @Test
    @DisplayName(
            "9. an initializer whose argument cannot be serialized is refused when the pool is built, naming the path")
    void refusesAnInitializerThatCannotBeSent() {
        Socket socket = new Socket();
        RemoteRunnable captures = () -> System.out.println(socket);
        ProcessPoolExecutor.Builder capturing = backend().builder(1).initializer(captures);
        assertThatThrownBy(capturing::build)
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("java.net.Socket");
        ProcessPoolExecutor.Builder given = backend()
                .builder(1)
                .initializer((List<Socket> sockets) -> sockets.size(), new ArrayList<>(List.of(socket)));
        assertThatThrownBy(given::build)
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("[0] (java.net.Socket)");
    }
}

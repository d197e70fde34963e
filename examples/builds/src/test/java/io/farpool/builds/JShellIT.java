package io.farpool.builds;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** JShell, whose snippets are classes that exist nowhere but in its memory, and change. */
@Timeout(180)
@ExtendWith(Cluster.Shared.class)
class JShellIT {
    private static final Path SCRIPT = Path.of("src", "test", "resources", "jshell", "script.jsh");

    @TempDir
    Path directory;

    @Test
    @DisplayName("snippets, their variables and their changes, in processes of this machine")
    void embedded() throws Exception {
        check("");
    }

    @Test
    @DisplayName("the same on a cluster")
    void cluster(Cluster cluster) throws Exception {
        check(cluster.address());
    }

    private void check(String address) throws Exception {
        Path script = Files.writeString(
                directory.resolve("script.jsh"),
                "String ADDRESS = \"" + address + "\";\n" + Files.readString(SCRIPT) + "/exit\n");
        Program.Said said = Program.of(
                        directory,
                        Path.of(System.getProperty("java.home"), "bin", "jshell")
                                .toString(),
                        "--class-path",
                        Builds.joined(Builds.libraries()),
                        "-R-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                        "-R-XX:TieredStopAtLevel=1",
                        "-J-XX:TieredStopAtLevel=1",
                        "-s",
                        script.toString())
                .run();
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("lambda", "42");
        expected.put("method", "[2, 4, 6]");
        expected.put("record", "Point[x=2, y=2]");
        expected.put("variables", "30");
        expected.put("variable, set again", "35");
        expected.put("enum", "true");
        expected.put("method, changed", "[20, 40, 60]");
        expected.put("record, changed", "Point[x=3, y=2, z=1]");
        expected.put("same process", "true");
        expected.put("exception", "true 3 is odd");
        expected.put("uses the pool", "true");
        assertThat(said.values()).as(said.out() + said.errors()).isEqualTo(expected);
    }
}

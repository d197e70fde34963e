package io.farpool.bench.system;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The systems that are compared, in the order of the tables. */
public enum Kind {
    FARPOOL_EMBEDDED("farpool-embedded", "Farpool, embedded"),
    FARPOOL_CLUSTER("farpool-cluster", "Farpool, cluster"),
    PYTHON("python", "Python ProcessPoolExecutor (fork)"),
    IGNITE("ignite", "Apache Ignite compute"),
    HAZELCAST("hazelcast", "Hazelcast IExecutorService"),
    LOCAL("local", "in-process pool"),
    FLOOR("floor", "floor (no pool)");

    /** What the JDK must open to Ignite 2, from its own start script. */
    private static final List<String> OPENED_TO_IGNITE = List.of(
            "java.base/jdk.internal.access",
            "java.base/jdk.internal.misc",
            "java.base/sun.nio.ch",
            "java.base/sun.util.calendar",
            "java.management/com.sun.jmx.mbeanserver",
            "jdk.internal.jvmstat/sun.jvmstat.monitor",
            "java.base/sun.reflect.generics.reflectiveObjects",
            "jdk.management/com.sun.management.internal",
            "java.base/java.io",
            "java.base/java.nio",
            "java.base/java.net",
            "java.base/java.util",
            "java.base/java.util.concurrent",
            "java.base/java.util.concurrent.locks",
            "java.base/java.util.concurrent.atomic",
            "java.base/java.lang",
            "java.base/java.lang.invoke",
            "java.base/java.math",
            "java.sql/java.sql",
            "java.base/java.time",
            "java.base/sun.security.ssl");
    /** What Hazelcast's manual asks for, to know the machine. */
    private static final List<String> OPENED_TO_HAZELCAST = List.of(
            "java.base/java.lang",
            "java.base/sun.nio.ch",
            "java.management/sun.management",
            "jdk.management/com.sun.management.internal");

    private final String id;
    private final String title;

    Kind(String id, String title) {
        this.id = id;
        this.title = title;
    }

    /** Its name in commands and raw results. */
    public String id() {
        return id;
    }

    /** Its name for people. */
    public String title() {
        return title;
    }

    /** The system of that name. */
    public static Kind of(String id) {
        for (Kind kind : values()) { // no streams: this is part of what a cold start is measured with
            if (kind.id.equals(id)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no system is called '" + id + "', expected one of "
                + Arrays.stream(values()).map(Kind::id).toList());
    }

    /** Whether its driver, and all it starts, are JVMs. */
    public boolean isJava() {
        return this != PYTHON;
    }

    /** Whether it has servers that run before a program does. */
    public boolean hasServers() {
        return this == FARPOOL_CLUSTER || this == IGNITE || this == HAZELCAST;
    }

    /** Whether a jar of that file name belongs on its programs' class path. */
    public boolean needs(String jar) {
        if (jar.startsWith("ignite-") || jar.startsWith("cache-api") || jar.startsWith("annotations-")) {
            return this == IGNITE;
        }
        if (jar.startsWith("hazelcast-")) {
            return this == HAZELCAST;
        }
        // Of the daemons and of the harness alone.
        return !(jar.startsWith("jmh-")
                || jar.startsWith("commons-math")
                || jar.startsWith("jopt-simple")
                || jar.startsWith("farpool-deploy")
                || jar.startsWith("logback-")
                || jar.startsWith("picocli")
                || jar.startsWith("jul-to-slf4j"));
    }

    /** What its JVMs must be told. */
    public List<String> jvmOptions() {
        return switch (this) {
            // It would ask for news of itself over the network.
            case IGNITE ->
                Stream.concat(
                                Stream.of("-DIGNITE_UPDATE_NOTIFIER=false", "-DIGNITE_QUIET=true"),
                                opened(OPENED_TO_IGNITE))
                        .toList();
            case HAZELCAST ->
                Stream.concat(
                                Stream.of(
                                        "--add-modules=java.se",
                                        "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED"),
                                opened(OPENED_TO_HAZELCAST))
                        .toList();
            case FARPOOL_EMBEDDED, FARPOOL_CLUSTER, PYTHON, LOCAL, FLOOR -> List.of();
        };
    }

    private static Stream<String> opened(List<String> packages) {
        return packages.stream().map(what -> "--add-opens=" + what + "=ALL-UNNAMED");
    }
}

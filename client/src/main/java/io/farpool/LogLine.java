package io.farpool;

/**
 * A line that a worker process wrote to its standard output or error.
 *
 * @param host the name of the host the process runs on
 * @param pid the process's id there
 * @param stderr whether it was written to standard error
 * @param text the line, without its end
 */
public record LogLine(String host, long pid, boolean stderr, String text) {
    /** As it is printed by default: {@code (host:pid) line}. */
    @Override
    public String toString() {
        return "(" + host + ":" + pid + ") " + text;
    }
}

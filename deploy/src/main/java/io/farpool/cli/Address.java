package io.farpool.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where a coordinator listens.
 *
 * @param host a name or an IP address; an IPv6 one without its brackets
 * @param port from 1 to 65535
 */
record Address(String host, int port) {
    private static final String EXPECTED = "', expected HOST:PORT with a port from 1 to 65535, as 127.0.0.1:7077";

    /** Reads {@code HOST:PORT} or {@code [IPv6]:PORT}. */
    static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("'" + text + EXPECTED + " or [::1]:7077");
        }
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == '@')) {
            throw new IllegalArgumentException("'" + text + EXPECTED);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port >= 1 && port <= 65535) {
                return new Address(host, port);
            }
        } catch (NumberFormatException e) {
            // Said below, as any other wrong port.
        }
        throw new IllegalArgumentException("'" + text + EXPECTED);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<Address> {
        @Override
        public Address convert(String text) {
            try {
                return parse(text.strip());
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}

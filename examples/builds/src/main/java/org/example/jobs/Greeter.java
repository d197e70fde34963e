package org.example.jobs;

/** A service, whose providers are named in a file of the class path. */
public interface Greeter {
    String greet();

    /** The one there is. */
    final class Plain implements Greeter {
        @Override
        public String greet() {
            return "hello";
        }
    }
}

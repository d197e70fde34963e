package io.farpool.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * How the command logs: to stderr, one line per event. Logback finds it by its service file, so it holds in every JVM with
 * this jar on its class path; an example's worker processes have it too, and say only warnings. In code, not XML: reading
 * logback.xml takes a noticeable part of the start.
 */
public final class LogConfiguration extends ContextAwareBase implements Configurator {
    /** For Logback's service loader. */
    public LogConfiguration() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        writeTo(context, Level.WARN, false);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** For a daemon: lifecycle at INFO; {@code verbose}: Farpool's own events at DEBUG, stack traces whole. */
    static void forDaemon(boolean verbose) {
        writeTo(context(), Level.INFO, verbose);
        bridgeJavaLogging();
    }

    /** For what a person runs and reads: warnings only, unless {@code verbose}. */
    static void forCommand(boolean verbose) {
        writeTo(context(), verbose ? Level.INFO : Level.WARN, verbose);
        bridgeJavaLogging();
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    private static void writeTo(LoggerContext context, Level level, boolean verbose) {
        context.reset();
        LogLine layout = new LogLine(verbose);
        layout.setContext(context);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setLayout(layout);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        root.addAppender(appender);
        if (verbose) {
            context.getLogger("io.farpool").setLevel(Level.DEBUG);
        } else {
            // What gRPC warns of (a name that does not resolve, say) comes back as the status of a call as well.
            context.getLogger("io.grpc").setLevel(Level.ERROR);
        }
    }

    /** gRPC logs with java.util.logging, in two lines and with a stack trace of its own. */
    private static void bridgeJavaLogging() {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }
}

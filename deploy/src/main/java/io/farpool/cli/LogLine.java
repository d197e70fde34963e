package io.farpool.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * An event in one line: time, level, the logger's class, message, and the chain of causes. Line ends and control characters
 * in it are escaped, because names in messages come from other machines. With stack traces the line is followed by them.
 */
final class LogLine extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSXX").withZone(ZoneId.systemDefault());
    /** A cause may be its own cause's cause. */
    private static final int CAUSES_MAX = 8;

    private final boolean stackTraces;

    LogLine(boolean stackTraces) {
        this.stackTraces = stackTraces;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
        line.append(' ').append(event.getLevel());
        line.append(" ".repeat(Math.max(1, 6 - event.getLevel().toString().length())));
        String logger = event.getLoggerName();
        line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(' ');
        appendEscaped(line, event.getFormattedMessage());
        IThrowableProxy thrown = event.getThrowableProxy();
        IThrowableProxy cause = thrown;
        for (int i = 0; cause != null && i < CAUSES_MAX; i++, cause = cause.getCause()) {
            line.append(i == 0 ? " error=" : " cause=");
            appendEscaped(line, cause.getClassName() + ": " + cause.getMessage());
        }
        line.append(System.lineSeparator());
        if (stackTraces && thrown != null) {
            line.append(ThrowableProxyUtil.asString(thrown));
        }
        return line.toString();
    }

    private static void appendEscaped(StringBuilder to, @Nullable String text) {
        if (text == null) {
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                to.append("\\n");
            } else if (c == '\t') {
                to.append(' ');
            } else if (!Character.isISOControl(c)) {
                to.append(c);
            }
        }
    }
}

package io.farpool.process;

import io.farpool.TaskContext;
import io.farpool.context.CurrentTask;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.ProcessProgress;
import io.farpool.proto.v1.RunInProcess;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes {@link TaskContext#current()} tell each task of this process about itself. For the task thread. */
final class TaskContexts {
    /** A task's progress is sent at most so often; what comes faster is dropped but for the last. */
    private static final long PROGRESS_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Of a message: more is not shown anywhere, and frames have an end. */
    private static final int MOST_CHARACTERS = 4_096;

    private final String sessionId;
    private final String host;
    private final TaskThread thread;
    private final Outbox outbox;

    TaskContexts(Prepare session, TaskThread thread, Outbox outbox) {
        this.sessionId = session.getSessionId();
        this.host = session.getHost();
        this.thread = thread;
        this.outbox = outbox;
    }

    InProcess enter(RunInProcess run) {
        InProcess context = new InProcess(run);
        CurrentTask.setForProcess(context);
        return context;
    }

    /** To be called outside the task: it may write. */
    void leave(InProcess context) {
        CurrentTask.setForProcess(null);
        context.end();
    }

    /** What one task sees. Any thread of the task may use it. */
    final class InProcess implements TaskContext {
        private final long ordinal;
        private final long sequence;
        private final int attempt;
        private @Nullable ProcessProgress unsent;
        private long lastSentNanos = System.nanoTime() - PROGRESS_EVERY_NANOS;
        private boolean ended;

        InProcess(RunInProcess run) {
            this.ordinal = run.getOrdinal();
            this.sequence = run.getSequence();
            this.attempt = run.getStartNumber();
        }

        @Override
        public String taskId() {
            return sessionId + "/" + sequence;
        }

        @Override
        public int attempt() {
            return attempt;
        }

        @Override
        public String host() {
            return host;
        }

        @Override
        public boolean isCancelled() {
            return thread.isCancelled(ordinal);
        }

        @Override
        public synchronized void progress(double fraction, String message) {
            if (ended) {
                return;
            }
            unsent = ProcessProgress.newBuilder()
                    .setOrdinal(ordinal)
                    .setFraction(Math.min(1, Math.max(0, fraction)))
                    .setMessage(cut(message))
                    .build();
            if (System.nanoTime() - lastSentNanos >= PROGRESS_EVERY_NANOS) {
                outbox.sendForTask(frameOf(unsent));
                unsent = null;
                lastSentNanos = System.nanoTime();
            }
        }

        private static String cut(String message) {
            if (message.length() <= MOST_CHARACTERS) {
                return message;
            }
            boolean within = Character.isHighSurrogate(message.charAt(MOST_CHARACTERS - 1));
            return message.substring(0, within ? MOST_CHARACTERS - 1 : MOST_CHARACTERS);
        }

        private synchronized void end() {
            if (unsent != null) {
                outbox.send(frameOf(unsent));
                unsent = null;
            }
            ended = true;
        }

        private static FromProcess frameOf(ProcessProgress progress) {
            return FromProcess.newBuilder().setProgress(progress).build();
        }
    }
}

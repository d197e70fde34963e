package io.farpool.worker;

import io.farpool.proto.v1.BlobFile;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.ToProcess;
import io.farpool.worker.hosting.HostCore;
import io.farpool.worker.hosting.HostDecision;
import io.farpool.worker.link.AttachStream;
import io.farpool.worker.payload.HostPayloads;
import io.farpool.worker.process.ClassPathSource;
import io.farpool.worker.process.SharedSource;
import io.farpool.worker.process.WorkerProcesses;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the host core decides, with the parts that stand around it. What takes time goes on elsewhere, and its answer
 * is an event. Runs on the host's queue.
 */
final class HostActions {
    private static final Logger log = LoggerFactory.getLogger(HostActions.class);

    private final HostCore core;
    private final Consumer<Runnable> events;
    private final ClassPathSource classPaths;
    private final SharedSource sharedValues;
    private final WorkerProcesses processes;
    private final HostPayloads payloads;
    private final AttachStream stream;
    private final Runnable drained;

    /**
     * @param events the host's queue, on which the core is told things
     * @param drained is run when nothing is left to drain
     */
    HostActions(
            HostCore core,
            Consumer<Runnable> events,
            CodeSources code,
            WorkerProcesses processes,
            HostPayloads payloads,
            AttachStream stream,
            Runnable drained) {
        this.core = core;
        this.events = events;
        this.classPaths = code.classPaths();
        this.sharedValues = code.sharedValues();
        this.processes = processes;
        this.payloads = payloads;
        this.stream = stream;
        this.drained = drained;
    }

    void carryOut(HostDecision decision) {
        if (decision instanceof HostDecision.Tell tell) {
            stream.send(withBlobs(tell.report()));
        } else if (decision instanceof HostDecision.Send send) {
            processes.send(send.process(), send.message());
        } else if (decision instanceof HostDecision.Launch launch) {
            processes.launch(launch);
        } else if (decision instanceof HostDecision.Assign assign) {
            processes.assign(assign.process(), assign.sessionId());
        } else if (decision instanceof HostDecision.Kill kill) {
            processes.kill(kill.process());
        } else if (decision instanceof HostDecision.ResolveClassPath resolve) {
            resolve(resolve);
        } else if (decision instanceof HostDecision.ReleaseClassPath release) {
            classPaths.release(release.sessionId());
        } else if (decision instanceof HostDecision.FetchPayload fetch) {
            payloads.fetch(fetch.fetch(), fetch.sessionId(), fetch.sequence(), fetch.reference());
        } else if (decision instanceof HostDecision.DropPayload drop) {
            payloads.drop(drop.fetch());
        } else if (decision instanceof HostDecision.RemoveFile remove) {
            payloads.remove(Path.of(remove.path()));
        } else if (decision instanceof HostDecision.SendPayload send) {
            payloads.send(send.transfer(), send.sessionId(), send.attempt(), send.file());
        } else if (decision instanceof HostDecision.FetchShared fetch) {
            fetch(fetch);
        } else if (decision instanceof HostDecision.ReleaseShared release) {
            sharedValues.releaseShared(release.sessionId(), release.digests());
        } else if (decision instanceof HostDecision.Drained) {
            drained.run();
        }
    }

    private Report withBlobs(Report report) {
        if (!report.hasLoad()) {
            return report;
        }
        Report.Builder complete = report.toBuilder();
        complete.getLoadBuilder()
                .setBlobsFetched(sharedValues.fetched())
                .setBlobBytesFetched(sharedValues.fetchedBytes());
        return complete.build();
    }

    /** The core has no part in the answer: it goes to the process that asked, if that is still there. */
    private void fetch(HostDecision.FetchShared fetch) {
        sharedValues.shared(fetch.sessionId(), fetch.digest(), fetch.keep()).whenComplete((path, failure) -> {
            BlobFile.Builder answer = BlobFile.newBuilder().setDigest(fetch.digest());
            if (failure == null) {
                answer.setPath(path.toString());
            } else {
                String message = messageOf(failure);
                log.warn("event=shared-value-unavailable session={} reason=\"{}\"", fetch.sessionId(), message);
                answer.setFailure(message);
            }
            processes.send(
                    fetch.process(), ToProcess.newBuilder().addBlobs(answer).build());
        });
    }

    private void resolve(HostDecision.ResolveClassPath resolve) {
        String sessionId = resolve.sessionId();
        classPaths.resolve(sessionId, resolve.bundle()).whenComplete((paths, failure) -> {
            if (failure == null) {
                List<String> classPath = paths.stream().map(Path::toString).toList();
                events.accept(() -> core.classPathResolved(sessionId, classPath));
            } else {
                String message = messageOf(failure);
                log.warn("event=class-path-unavailable session={} reason=\"{}\"", sessionId, message);
                events.accept(() -> core.classPathFailed(sessionId, message));
            }
        });
    }

    private static String messageOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}

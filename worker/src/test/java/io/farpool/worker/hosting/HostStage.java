package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.CancelAttempt;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.Task;
import io.farpool.proto.v1.ToProcess;
import io.farpool.proto.v1.Welcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** A host core, and a coordinator and processes that say what a test tells them to. */
abstract class HostStage {
    static final long MICROSECOND = 1_000;
    static final long MILLISECOND = 1_000_000;

    HostCore core = new HostCore("here", HostLimits.defaults(2));
    final List<HostDecision> decisions = new ArrayList<>();
    /** Their class paths are found as they were whenever they are looked at again. */
    final Set<String> resolved = new HashSet<>();

    long nowMillis = 1_000_000;

    void limits(HostLimits limits) {
        core = new HostCore("here", limits);
        decisions.clear();
        resolved.clear();
    }

    void attach() {
        core.timeIs(nowMillis);
        core.attaching();
        welcome(7);
    }

    void welcome(long epoch) {
        order(Order.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setEpoch(epoch)
                        .setLeaseMillis(10_000)
                        .setHeartbeatMillis(2_000)));
    }

    static SessionOpened.Builder opened(int session) {
        return SessionOpened.newBuilder().setSession(session).setSessionId("s" + session);
    }

    static Quota.Builder quota(int session, int processes) {
        return Quota.newBuilder().setSession(session).setProcesses(processes);
    }

    void open(int session, int quota) {
        order(Order.newBuilder().addSessionsOpened(opened(session)).addQuotas(quota(session, quota)));
    }

    /** Opens a session, and has it started its first process with a task that has been taken back since. */
    void ready(int session, int quota) {
        if (core.epoch() == 0) {
            attach();
        }
        open(session, quota);
        run(session, 1_000_000 + session);
        order(Order.newBuilder().addRecalls(1_000_000 + session));
        run(session, 2_000_000 + session);
        resolve(session);
        long process = launched().get(0);
        order(Order.newBuilder().addRecalls(2_000_000 + session));
        becomeReady(process);
        decisions.removeIf(decision -> !(decision instanceof HostDecision.Tell));
        returned();
    }

    /** Runs one task of that length, so that the session's are expected to be alike. */
    void learn(int session, long runNanos) {
        run(session, 1_000 + session);
        ended(1, 1, runNanos);
        order(Order.newBuilder().addAcknowledged(1_000 + session));
        outcomes();
        sentTo(1);
    }

    void run(int session, long... attempts) {
        Order.Builder order = Order.newBuilder();
        for (long attempt : attempts) {
            order.addRuns(aRun(session, attempt, 0));
        }
        order(order);
    }

    static Run aRun(int session, long attempt, int payloadBytes) {
        return Run.newBuilder()
                .setSession(session)
                .setAttempt(attempt)
                .setStartNumber(1)
                .setTask(Task.newBuilder()
                        .setSequence(attempt)
                        .setPayload(Payload.newBuilder().setInline(ByteString.copyFrom(new byte[payloadBytes]))))
                .build();
    }

    void cancel(long attempt, boolean evenIfRunning) {
        order(Order.newBuilder()
                .addCancels(CancelAttempt.newBuilder().setAttempt(attempt).setEvenIfRunning(evenIfRunning)));
    }

    void order(Order.Builder order) {
        core.timeIs(nowMillis);
        core.order(order.build());
        settle();
    }

    void resolve(int session) {
        resolved.add("s" + session);
        core.classPathResolved("s" + session, List.of("/a.jar"));
        settle();
    }

    void hello(long process) {
        say(process, FromProcess.newBuilder().setHello(ProcessHello.newBuilder().setPid(1_000 + process)));
    }

    void becomeReady(long process) {
        hello(process);
        say(process, FromProcess.newBuilder().setReady(true));
    }

    void ended(long process, long ordinal, long runNanos) {
        say(
                process,
                FromProcess.newBuilder()
                        .addOutcomes(ProcessOutcome.newBuilder()
                                .setOrdinal(ordinal)
                                .setRunNanos(runNanos)
                                .setResult(Payload.getDefaultInstance())));
    }

    void handBack(long process, long... ordinals) {
        FromProcess.Builder message = FromProcess.newBuilder();
        LongStream.of(ordinals).forEach(message::addWithdrawn);
        say(process, message);
    }

    void say(long process, FromProcess.Builder message) {
        core.said(process, message.build());
        settle();
    }

    void exit(long process, long marker, int code) {
        core.exited(process, marker, new ProcessExit(code, List.of("last words"), false));
        settle();
    }

    void markerAt(long process, long ordinal) {
        assertThat(core.markersToSee()).contains(process);
        core.markerSeen(process, ordinal);
        core.timePassed();
        settle();
    }

    void pass(long millis) {
        nowMillis += millis;
        core.timeIs(nowMillis);
        core.timePassed();
        settle();
    }

    void settle() {
        List<HostDecision> decided = core.decide();
        decisions.addAll(decided);
        for (HostDecision decision : decided) {
            if (decision instanceof HostDecision.ResolveClassPath look && resolved.contains(look.sessionId())) {
                decisions.remove(look);
                core.classPathResolved(look.sessionId(), List.of("/a.jar"));
                settle();
            }
        }
    }

    /** The decisions of that kind since this was asked last. */
    <D extends HostDecision> List<D> taken(Class<D> kind) {
        List<D> taken =
                decisions.stream().filter(kind::isInstance).map(kind::cast).toList();
        decisions.removeIf(kind::isInstance);
        return taken;
    }

    List<Long> launched() {
        return taken(HostDecision.Launch.class).stream()
                .map(HostDecision.Launch::process)
                .toList();
    }

    List<Long> killed() {
        return taken(HostDecision.Kill.class).stream()
                .map(HostDecision.Kill::process)
                .toList();
    }

    List<Long> stopped() {
        return sends().stream()
                .filter(send -> send.message().getStop())
                .map(HostDecision.Send::process)
                .toList();
    }

    List<HostDecision.Send> sends() {
        return decisions.stream()
                .filter(HostDecision.Send.class::isInstance)
                .map(HostDecision.Send.class::cast)
                .toList();
    }

    List<ToProcess> sendsTo(long process) {
        return sends().stream()
                .filter(send -> send.process() == process)
                .map(HostDecision.Send::message)
                .toList();
    }

    /** The ordinals sent to it since this was asked last. */
    List<Long> sentTo(long process) {
        List<Long> ordinals = sendsTo(process).stream()
                .flatMap(message -> message.getRunsList().stream())
                .map(RunInProcess::getOrdinal)
                .toList();
        decisions.removeIf(decision -> decision instanceof HostDecision.Send send
                && send.process() == process
                && send.message().getRunsCount() > 0);
        return ordinals;
    }

    List<Long> withdrawn(long process) {
        return sendsTo(process).stream()
                .flatMap(message -> message.getWithdrawList().stream())
                .toList();
    }

    List<Long> interrupted(long process) {
        return sendsTo(process).stream()
                .map(ToProcess::getInterrupt)
                .filter(ordinal -> ordinal != 0)
                .toList();
    }

    List<Report> tells() {
        return taken(HostDecision.Tell.class).stream()
                .map(HostDecision.Tell::report)
                .toList();
    }

    final List<Report> heard = new ArrayList<>();

    List<Report> heard() {
        heard.addAll(tells());
        return heard;
    }

    List<Long> returned() {
        List<Long> all = heard().stream()
                .flatMap(report -> report.getReturnedList().stream())
                .toList();
        forget(report -> report.clearReturned());
        return all;
    }

    List<SessionProblem> problems() {
        List<SessionProblem> all = heard().stream()
                .flatMap(report -> report.getProblemsList().stream())
                .toList();
        forget(report -> report.clearProblems());
        return all;
    }

    List<Integer> confirmed() {
        List<Integer> all = heard().stream()
                .flatMap(report -> report.getQuotasConfirmedList().stream())
                .map(QuotaConfirmed::getProcesses)
                .toList();
        forget(report -> report.clearQuotasConfirmed());
        return all;
    }

    List<Long> started() {
        List<Long> all = heard().stream()
                .flatMap(report -> report.getStartedList().stream())
                .map(started -> started.getAttempt())
                .toList();
        forget(report -> report.clearStarted());
        return all;
    }

    List<AttemptOutcome> outcomes() {
        List<AttemptOutcome> all = heard().stream()
                .flatMap(report -> report.getOutcomesList().stream())
                .toList();
        forget(report -> report.clearOutcomes());
        return all;
    }

    Outcome outcome(long attempt) {
        return heard().stream()
                .flatMap(report -> report.getOutcomesList().stream())
                .filter(each -> each.getAttempt() == attempt)
                .map(AttemptOutcome::getOutcome)
                .findFirst()
                .orElseThrow();
    }

    void forget(UnaryOperator<Report.Builder> clear) {
        heard.replaceAll(report -> clear.apply(report.toBuilder()).build());
    }
}

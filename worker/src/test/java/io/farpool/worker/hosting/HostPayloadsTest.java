package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.farpool.proto.v1.Adoption;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.ToProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Payloads that are references: when they are fetched, kept, sent and let go. */
class HostPayloadsTest extends HostStage {
    private static final long LARGE_BYTES = 3L << 30;

    @Test
    void aLargePayloadIsFetchedBeforeItsTaskIsGivenToAProcess() {
        ready(1, 1);
        runLarge(1, 1);
        HostDecision.FetchPayload fetch = fetch();
        assertThat(fetch.sessionId()).isEqualTo("s1");
        assertThat(fetch.sequence()).isEqualTo(1);
        assertThat(fetch.reference()).isEqualTo(reference("", LARGE_BYTES).getReference());
        assertThat(sends()).isEmpty();
        fetched(fetch, "/payloads/a1");
        assertThat(runs(1))
                .extracting(RunInProcess::getPayload)
                .containsExactly(reference("/payloads/a1", LARGE_BYTES));
    }

    @Test
    void whatComesMeanwhileOvertakesAndTheFetchedOneGoesBeforeWhatCameAfterIt() {
        ready(1, 1);
        run(1, 1);
        assertThat(sentTo(1)).containsExactly(1L);
        runLarge(1, 2);
        run(1, 3, 4);
        HostDecision.FetchPayload fetch = fetch();
        ended(1, 1, 100 * MILLISECOND);
        assertThat(sequencesSent(1)).containsExactly(3L);
        fetched(fetch, "/payloads/a");
        run(1, 5);
        ended(1, 2, 100 * MILLISECOND);
        assertThat(sequencesSent(1)).containsExactly(2L);
        ended(1, 3, 100 * MILLISECOND);
        assertThat(sequencesSent(1)).containsExactly(4L);
    }

    @Test
    void aProcessIsStartedWhileThePayloadIsOnItsWay() {
        attach();
        open(1, 1);
        runLarge(1, 1);
        resolve(1);
        assertThat(launched()).hasSize(1);
        becomeReady(1);
        assertThat(runs(1)).isEmpty();
        fetched(fetch(), "/payloads/a");
        assertThat(runs(1)).hasSize(1);
    }

    @Test
    void anIdleProcessIsKeptForATaskWhosePayloadIsOnItsWayHoweverLongThatTakes() {
        ready(1, 1);
        runLarge(1, 1);
        HostDecision.FetchPayload fetch = fetch();
        for (int i = 0; i < 3; i++) {
            pass(HostLimits.defaults(1).idleProcessMillis());
            assertThat(core.wakeAtMillis()).as("nothing is due at once").isGreaterThan(nowMillis);
        }
        assertThat(stopped()).isEmpty();
        fetched(fetch, "/payloads/a");
        assertThat(runs(1)).hasSize(1);
        assertThat(launched()).isEmpty();
        ended(1, 1, MILLISECOND);
        pass(HostLimits.defaults(1).idleProcessMillis());
        assertThat(stopped()).containsExactly(1L);
    }

    @Test
    void theFileIsRemovedWhenTheTaskHasEndedAndNotBefore() {
        ready(1, 1);
        runLarge(1, 1);
        HostDecision.FetchPayload fetch = fetch();
        fetched(fetch, "/payloads/a");
        assertThat(dropped()).isEmpty();
        ended(1, 1, MILLISECOND);
        assertThat(dropped()).containsExactly(fetch.fetch());
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(dropped()).isEmpty();
    }

    @Test
    void theFileOfATaskThatGoesBackIsRemoved() {
        ready(1, 1);
        runLarge(1, 1);
        HostDecision.FetchPayload fetch = fetch();
        fetched(fetch, "/payloads/a");
        assertThat(runs(1)).hasSize(1);
        exit(1, 0, 1); // having run nothing: processes of the session seem not to live here
        assertThat(returned()).containsExactly(1L);
        assertThat(dropped()).containsExactly(fetch.fetch());
    }

    @Test
    void anUnstartedTaskThatWaitsAgainKeepsItsFile() {
        ready(1, 1);
        learn(1, MICROSECOND);
        run(1, 1);
        runLarge(1, 2);
        HostDecision.FetchPayload fetch = fetch();
        fetched(fetch, "/payloads/a");
        assertThat(sequencesSent(1)).containsExactly(1L, 2L);
        exit(1, 2, 1); // the ordinal before it had started last
        assertThat(dropped()).isEmpty();
        assertThat(launched()).containsExactly(2L);
        becomeReady(2);
        assertThat(runs(2)).extracting(RunInProcess::getPayload).containsExactly(reference("/payloads/a", LARGE_BYTES));
    }

    @Test
    void aRecallWhileItIsFetchedHandsItBackAndEndsTheFetch() {
        ready(1, 1);
        runLarge(1, 1);
        HostDecision.FetchPayload fetch = fetch();
        order(Order.newBuilder().addRecalls(1));
        assertThat(returned()).containsExactly(1L);
        assertThat(dropped()).containsExactly(fetch.fetch());
        fetched(fetch, "/payloads/a");
        assertThat(sends()).isEmpty();
    }

    @Test
    void aCancelWhileItIsFetchedEndsItUnstarted() {
        ready(1, 1);
        runLarge(1, 1);
        cancel(1, false);
        Outcome outcome = outcome(1);
        assertThat(outcome.hasCancelled()).isTrue();
        assertThat(outcome.hasPlace()).isFalse();
        assertThat(dropped()).hasSize(1);
    }

    @Test
    void aDropWhileItIsFetchedOrWaitsEndsItSilently() {
        ready(1, 1);
        run(1, 1);
        runLarge(1, 2);
        runLarge(1, 3);
        fetched(taken(HostDecision.FetchPayload.class).get(0), "/payloads/a");
        order(Order.newBuilder().addDropped(name(2)).addDropped(name(3)));
        assertThat(dropped()).hasSize(2);
        assertThat(returned()).isEmpty();
        assertThat(outcomes()).isEmpty();
    }

    @Test
    void aDrainHandsBackWhatIsStillFetched() {
        ready(1, 1);
        runLarge(1, 1);
        core.drain();
        settle();
        assertThat(returned()).containsExactly(1L);
        assertThat(dropped()).hasSize(1);
        assertThat(taken(HostDecision.Drained.class)).hasSize(1);
    }

    @Test
    void whatIsGoneAtItsClientIsHandedBackSilently() {
        ready(1, 1);
        runLarge(1, 1);
        failed(fetch(), PayloadProblem.GONE);
        assertThat(returned()).containsExactly(1L);
        assertThat(problems()).isEmpty();
        assertThat(dropped()).as("what has failed is not there").isEmpty();
    }

    @Test
    void aFullDiskHandsBackTheTasksConcernedWithTheReasonAndNoOthers() {
        ready(1, 1);
        runLarge(1, 1);
        run(1, 2);
        failed(fetch(), PayloadProblem.DISK);
        Outcome outcome = outcome(1);
        assertThat(outcome.getLoss().getCause()).isEqualTo(Loss.Cause.NO_ROOM);
        assertThat(outcome.getLoss().getMessage()).contains("3221225472 bytes").contains("why it failed");
        assertThat(outcome.hasPlace()).isFalse();
        assertThat(problems()).isEmpty();
        assertThat(sequencesSent(1)).containsExactly(2L);
    }

    @Test
    void whatItsClientCannotReadIsLost() {
        ready(1, 1);
        runLarge(1, 1);
        failed(fetch(), PayloadProblem.UNREADABLE);
        assertThat(outcome(1).getLoss().getCause()).isEqualTo(Loss.Cause.HOST_LOST);
        assertThat(outcome(1).hasPlace()).isFalse();
    }

    @Test
    void aLargeResultIsHeldAsAFileAndRemovedWhenItIsAcknowledged() {
        ready(1, 1);
        run(1, 1);
        endedWith(1, 1, reference("/payloads/r1", LARGE_BYTES));
        assertThat(outcome(1).getResult()).as("told without the path").isEqualTo(reference("", LARGE_BYTES));
        assertThat(removed()).isEmpty();
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(removed()).containsExactly("/payloads/r1");
    }

    @Test
    void aLargeExceptionIsHeldLikeAResult() {
        ready(1, 1);
        run(1, 1);
        say(
                1,
                FromProcess.newBuilder()
                        .addOutcomes(ProcessOutcome.newBuilder()
                                .setOrdinal(1)
                                .setFailure(Failure.newBuilder()
                                        .setMessage("large")
                                        .setException(reference("/payloads/r1", LARGE_BYTES)))));
        assertThat(outcome(1).getFailure().getException()).isEqualTo(reference("", LARGE_BYTES));
        assertThat(removed()).isEmpty();
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(removed()).containsExactly("/payloads/r1");
    }

    @Test
    void aHeldResultIsSentToWhoeverAsksAndOneThatHasGoneIsSaidToBe() {
        ready(1, 1);
        run(1, 1);
        endedWith(1, 1, reference("/payloads/r1", LARGE_BYTES));
        order(Order.newBuilder().addPayloadsWanted(wanted(77, 1)).addPayloadsWanted(wanted(78, 2)));
        assertThat(taken(HostDecision.SendPayload.class))
                .extracting(HostDecision.SendPayload::transfer, HostDecision.SendPayload::file)
                .containsExactly(
                        tuple(77L, reference("/payloads/r1", LARGE_BYTES).getReference()), tuple(78L, null));
    }

    @Test
    void aResultWhoseFileIsNotThereAnyMoreIsTakenBackAsLost() {
        limits(new HostLimits(1, 61, 2_000, 60_000, 60_000, 64L << 20, 100, 0, 600_000));
        ready(1, 1);
        run(1, 1, 2);
        endedWith(1, 1, reference("/payloads/r1", 101));
        outcomes();
        sentTo(1);
        core.outcomeUnreadable(1, "/payloads/of/another", "it is not there");
        core.outcomeUnreadable(2, "/payloads/r1", "it is not there");
        settle();
        assertThat(outcomes()).isEmpty();
        core.outcomeUnreadable(1, "/payloads/r1", "it is not there");
        settle();
        Outcome lost = outcome(1);
        assertThat(lost.getLoss().getCause()).isEqualTo(Loss.Cause.HOST_LOST);
        assertThat(lost.getLoss().getMessage()).isEqualTo("it is not there");
        assertThat(lost.getPlace().getPid()).isEqualTo(1_001);
        assertThat(removed()).containsExactly("/payloads/r1");
        assertThat(sequencesSent(1)).as("it takes no room any more").containsExactly(2L);
        core.outcomeUnreadable(1, "/payloads/r1", "asked for twice");
        settle();
        assertThat(removed()).isEmpty();
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(removed()).isEmpty();
    }

    @Test
    void resultsOnDiskBoundWhatASessionMayStillStart() {
        limits(new HostLimits(1, 61, 2_000, 60_000, 60_000, 64L << 20, 100, 0, 600_000));
        ready(1, 1);
        run(1, 1, 2);
        endedWith(1, 1, reference("/payloads/r1", 101));
        assertThat(sequencesSent(1)).containsExactly(1L);
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(sequencesSent(1)).containsExactly(2L);
    }

    @Test
    void theResultOfATaskThatNobodyWantsIsRemovedAtOnce() {
        ready(1, 1);
        run(1, 1);
        order(Order.newBuilder().addDropped(name(1)));
        endedWith(1, 1, reference("/payloads/r1", LARGE_BYTES));
        assertThat(removed()).containsExactly("/payloads/r1");
    }

    @Test
    void theResultOfATaskThatWasStoppedIsRemovedAtOnce() {
        ready(1, 1);
        run(1, 1);
        cancel(1, true);
        endedWith(1, 1, reference("/payloads/r1", LARGE_BYTES));
        assertThat(outcome(1).hasCancelled()).isTrue();
        assertThat(removed()).containsExactly("/payloads/r1");
    }

    @Test
    void aResultIsStillHereForTheNextCoordinator() {
        ready(1, 1);
        run(1, 1);
        endedWith(1, 1, reference("/payloads/r1", LARGE_BYTES));
        core.detached();
        assertThat(core.attaching()
                        .get(0)
                        .getAttempts(0)
                        .getOutcome()
                        .getOutcome()
                        .getResult())
                .isEqualTo(reference("", LARGE_BYTES));
        welcome(8);
        order(Order.newBuilder()
                .addSessionsOpened(opened(5).setSessionId("s1"))
                .addAdopted(Adoption.newBuilder().setHeld(name(1)).setAttempt(50))
                .addPayloadsWanted(wanted(9, 50)));
        assertThat(taken(HostDecision.SendPayload.class).get(0).file())
                .isEqualTo(reference("/payloads/r1", LARGE_BYTES).getReference());
        assertThat(outcomes()).extracting(AttemptOutcome::getAttempt).contains(50L);
        assertThat(removed()).isEmpty();
    }

    @Test
    void theEndOfASessionRemovesAllThatIsItsAndNothingElse() {
        ready(1, 1);
        open(2, 1);
        run(1, 1);
        endedWith(1, 1, reference("/payloads/r1", LARGE_BYTES));
        runLarge(1, 2);
        runLarge(1, 3);
        runLarge(2, 4);
        List<HostDecision.FetchPayload> fetches = taken(HostDecision.FetchPayload.class);
        fetched(fetches.get(0), "/payloads/a");
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(removed()).containsExactly("/payloads/r1");
        assertThat(dropped())
                .containsExactly(fetches.get(0).fetch(), fetches.get(1).fetch());
        // What its process still says of a result.
        endedWith(1, 2, reference("/payloads/r2", LARGE_BYTES));
        assertThat(removed()).containsExactly("/payloads/r2");
    }

    @Test
    void aLargeInitializerIsFetchedOnceBeforeTheFirstProcessIsStarted() {
        attach();
        order(Order.newBuilder().addSessionsOpened(largelyInitialized("")).addQuotas(quota(1, 2)));
        run(1, 1, 2);
        HostDecision.FetchPayload fetch = fetch();
        assertThat(fetch.sequence()).isZero();
        resolve(1);
        assertThat(launched()).isEmpty();
        fetched(fetch, "/payloads/a");
        assertThat(launched()).containsExactly(1L, 2L);
        hello(1);
        hello(2);
        for (long process = 1; process <= 2; process++) {
            assertThat(sendsTo(process).get(0).getPrepare().getInitializer())
                    .isEqualTo(reference("/payloads/a", LARGE_BYTES));
        }
        assertThat(taken(HostDecision.FetchPayload.class)).isEmpty();
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(dropped()).containsExactly(fetch.fetch());
    }

    @Test
    void aLargeInitializerThatCannotBeHadIsAProblemOfTheSessionHereAndIsAskedForAgain() {
        attach();
        order(Order.newBuilder()
                .addSessionsOpened(largelyInitialized("/a/path/of/another/machine"))
                .addQuotas(quota(1, 2)));
        run(1, 1);
        resolve(1);
        failed(fetch(), PayloadProblem.DISK);
        assertThat(problems().get(0).getCodeUnavailable().getMessage())
                .contains("initializer")
                .contains("why it failed");
        assertThat(returned()).containsExactly(1L);
        run(1, 2);
        HostDecision.FetchPayload again = fetch();
        assertThat(launched()).isEmpty();
        fetched(again, "/payloads/a");
        assertThat(launched()).hasSize(1);
    }

    @Test
    void aHostThatSharesFilesWithItsCoordinatorReadsAndIsReadInPlace() {
        core = new HostCore("here", HostLimits.defaults(1), true);
        attach();
        order(Order.newBuilder()
                .addSessionsOpened(largelyInitialized("/client/i"))
                .addQuotas(quota(1, 1)));
        order(Order.newBuilder().addRuns(large(1, 1, "/client/a")));
        resolve(1);
        becomeReady(1);
        assertThat(sendsTo(1).get(0).getPrepare().getInitializer()).isEqualTo(reference("/client/i", LARGE_BYTES));
        assertThat(runs(1)).extracting(RunInProcess::getPayload).containsExactly(reference("/client/a", LARGE_BYTES));
        endedWith(1, 1, reference("/payloads/r1", LARGE_BYTES));
        assertThat(outcome(1).getResult()).isEqualTo(reference("/payloads/r1", LARGE_BYTES));
        assertThat(taken(HostDecision.FetchPayload.class)).isEmpty();
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(removed()).as("the client's own files are left alone").containsExactly("/payloads/r1");
        assertThat(dropped()).isEmpty();
    }

    @Test
    void anInitializersLargeExceptionIsToldWithoutItsBytes() {
        attach();
        open(1, 1);
        run(1, 1);
        resolve(1);
        hello(1);
        say(
                1,
                FromProcess.newBuilder()
                        .setPrepareFailed(Failure.newBuilder()
                                .setClassName("Large")
                                .setException(reference("/payloads/r1", LARGE_BYTES))));
        Failure told = problems().get(0).getInitializerThrew();
        assertThat(told.getClassName()).isEqualTo("Large");
        assertThat(told.hasException()).isFalse();
        assertThat(removed()).containsExactly("/payloads/r1");
    }

    // ---------------------------------------------------------------------------------------------------------- words

    private static Payload reference(String path, long sizeBytes) {
        return Payload.newBuilder()
                .setReference(PayloadReference.newBuilder()
                        .setSizeBytes(sizeBytes)
                        .setCrc32C(0xC0FFEE)
                        .setPath(path))
                .build();
    }

    private static SessionOpened.Builder largelyInitialized(String path) {
        return opened(1).setProcess(ProcessSpec.newBuilder().setInitializer(reference(path, LARGE_BYTES)));
    }

    private static Run large(int session, long attempt, String path) {
        Run run = aRun(session, attempt, 0);
        return run.toBuilder()
                .setTask(run.getTask().toBuilder().setPayload(reference(path, LARGE_BYTES)))
                .build();
    }

    private void runLarge(int session, long attempt) {
        order(Order.newBuilder().addRuns(large(session, attempt, "")));
    }

    private HostDecision.FetchPayload fetch() {
        List<HostDecision.FetchPayload> fetches = taken(HostDecision.FetchPayload.class);
        assertThat(fetches).hasSize(1);
        return fetches.get(0);
    }

    private void fetched(HostDecision.FetchPayload fetch, String path) {
        core.payloadFetched(fetch.fetch(), path);
        settle();
    }

    private void failed(HostDecision.FetchPayload fetch, PayloadProblem problem) {
        core.payloadFailed(fetch.fetch(), problem, "why it failed");
        settle();
    }

    private void endedWith(long process, long ordinal, Payload result) {
        say(
                process,
                FromProcess.newBuilder()
                        .addOutcomes(ProcessOutcome.newBuilder()
                                .setOrdinal(ordinal)
                                .setRunNanos(MILLISECOND)
                                .setResult(result)));
    }

    private List<Long> dropped() {
        return taken(HostDecision.DropPayload.class).stream()
                .map(HostDecision.DropPayload::fetch)
                .toList();
    }

    private List<String> removed() {
        return taken(HostDecision.RemoveFile.class).stream()
                .map(HostDecision.RemoveFile::path)
                .toList();
    }

    private List<RunInProcess> runs(long process) {
        return sendsTo(process).stream()
                .map(ToProcess::getRunsList)
                .flatMap(List::stream)
                .toList();
    }

    private List<Long> sequencesSent(long process) {
        List<Long> sequences =
                runs(process).stream().map(RunInProcess::getSequence).toList();
        sentTo(process);
        return sequences;
    }

    private static AttemptName name(long attempt) {
        return AttemptName.newBuilder().setEpoch(7).setAttempt(attempt).build();
    }

    private static PayloadWanted wanted(long transfer, long attempt) {
        return PayloadWanted.newBuilder()
                .setTransfer(transfer)
                .setAttempt(attempt)
                .build();
    }
}

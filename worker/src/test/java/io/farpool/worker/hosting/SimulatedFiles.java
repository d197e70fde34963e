package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The disk of a simulated host, with the large payloads on it, and what brings them there. */
final class SimulatedFiles {
    int fetched;
    int claimed;
    int sent;

    private final Random random;
    private final HostCore core;
    /** Decided and not answered. */
    private final Set<Long> fetching = new LinkedHashSet<>();

    /** The core may have decided to drop one in the moment in which it failed. */
    private final Set<Long> failed = new LinkedHashSet<>();

    private final Set<String> files = new LinkedHashSet<>();

    SimulatedFiles(Random random, HostCore core) {
        this.random = random;
        this.core = core;
    }

    boolean isFetching() {
        return !fetching.isEmpty();
    }

    /** Of any fetch: its file is here, or it has failed. */
    void answer() {
        List<Long> all = new ArrayList<>(fetching);
        long fetch = all.get(random.nextInt(all.size()));
        fetching.remove(fetch);
        if (random.nextInt(10) == 0) {
            PayloadProblem[] problems = PayloadProblem.values();
            failed.add(fetch);
            core.payloadFailed(fetch, problems[random.nextInt(problems.length)], "no luck");
        } else {
            fetched++;
            files.add(path(fetch));
            core.payloadFetched(fetch, path(fetch));
        }
    }

    /** What a process says it has written is the host's from here on. */
    void claim(FromProcess message) {
        for (ProcessOutcome outcome : message.getOutcomesList()) {
            if (outcome.getResult().hasReference()) {
                claimed++;
                files.add(outcome.getResult().getReference().getPath());
            }
        }
    }

    /** What a process is told of is there. */
    void check(ToProcess message) {
        check(message.getPrepare().getInitializer());
        message.getRunsList().stream().map(RunInProcess::getPayload).forEach(this::check);
    }

    private void check(Payload payload) {
        if (payload.hasReference()) {
            assertThat(files)
                    .as("the file that a process is told of")
                    .contains(payload.getReference().getPath());
        }
    }

    void carryOut(HostDecision decision) {
        if (decision instanceof HostDecision.FetchPayload fetch) {
            assertThat(fetching.add(fetch.fetch())).as("%s is a new one", fetch).isTrue();
        } else if (decision instanceof HostDecision.DropPayload drop) {
            assertThat(fetching.remove(drop.fetch()) || files.remove(path(drop.fetch())) || failed.remove(drop.fetch()))
                    .as("%s is of something that is here", drop)
                    .isTrue();
        } else if (decision instanceof HostDecision.RemoveFile remove) {
            assertThat(files.remove(remove.path()))
                    .as("%s is of something that is here", remove)
                    .isTrue();
        } else if (decision instanceof HostDecision.SendPayload send) {
            sent++;
            assertThat(send.file())
                    .as("the payload of an outcome that was told")
                    .isNotNull();
            assertThat(files).as("what is sent").contains(send.file().getPath());
        }
    }

    void checkNothingIsLeft() {
        assertThat(fetching).as("fetches left").isEmpty();
        assertThat(files).as("files left").isEmpty();
    }

    private static String path(long fetch) {
        return "/a" + fetch;
    }
}

package io.farpool;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The walls within the client, and between it and the programs it embeds. */
class ArchitectureTest {
    private final JavaClasses client = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.farpool");

    @Test
    void onlyTheEmbeddedClusterKnowsTheCoordinatorAndTheWorker() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.farpool.embedded..", "io.farpool.coordinator..", "io.farpool.worker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.farpool.coordinator..", "io.farpool.worker..")
                .check(client);
    }

    @Test
    void onlyTheCodecKnowsKryo() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.farpool.codec..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.esotericsoftware..")
                .check(client);
    }

    @Test
    void whatRunsInAWorkerProcessLoadsNoTransportAndNoPool() {
        noClasses()
                .that()
                .resideInAnyPackage("io.farpool.process..", "io.farpool.shared..", "io.farpool.snippet..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "io.farpool.session..", "io.farpool.bundle..", "io.farpool.embedded..")
                .check(client);
    }

    @Test
    void theSessionsCoreIsPure() {
        noClasses()
                .that()
                .haveNameMatching(
                        "io.farpool.session.(Session(Core|Event)|(Pending|Waiting)Tasks|AttemptCount|Offers|Outbox"
                                + "|SharedValues|Resumption)(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.grpc..",
                        "java.io..",
                        "java.nio..",
                        "java.net..",
                        "java.time..",
                        "org.slf4j..",
                        "io.farpool.codec..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(client);
    }
}

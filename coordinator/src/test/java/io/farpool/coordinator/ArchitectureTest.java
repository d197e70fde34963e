package io.farpool.coordinator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The walls around and within the coordinator. */
class ArchitectureTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.farpool.coordinator");

    @Test
    void theCoordinatorKnowsNeitherKryoNorTheClientNorTheWorker() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "com.esotericsoftware..",
                        "io.farpool",
                        "io.farpool.codec..",
                        "io.farpool.session..",
                        "io.farpool.bundle..",
                        "io.farpool.process..",
                        "io.farpool.embedded..",
                        "io.farpool.worker..")
                .check(classes);
    }

    @Test
    void theSchedulingCoreIsPure() {
        noClasses()
                .that()
                .resideInAPackage("io.farpool.coordinator.scheduling..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.grpc..",
                        "java.util.concurrent..",
                        "java.io..",
                        "java.nio..",
                        "java.net..",
                        "java.time..",
                        "org.slf4j..",
                        "io.farpool.wire..",
                        "io.farpool.blob..",
                        "io.farpool.coordinator.endpoint..",
                        "io.farpool.payload..",
                        "io.farpool.coordinator.blob..",
                        "io.farpool.coordinator.payload..",
                        "io.farpool.coordinator.transfer..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(classes);
    }

    @Test
    void onlyTheServerKnowsNetty() {
        noClasses()
                .that()
                .doNotHaveSimpleName("CoordinatorServer")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc.netty..")
                .check(classes);
    }
}

package io.farpool.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The walls of docs/architecture.md, as far as this module can break them. */
class ModuleRulesTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.farpool.worker");

    @Test
    void theDaemonKnowsNeitherUsersObjectsNorTheClientNorTheCoordinator() {
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
                        "io.farpool.coordinator..")
                .check(classes);
    }

    @Test
    void theHostCoreIsPure() {
        noClasses()
                .that()
                .resideInAPackage("io.farpool.worker.hosting..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.grpc..",
                        "org.slf4j..",
                        "java.io..",
                        "java.nio..",
                        "java.net..",
                        "java.time..",
                        "java.util.concurrent..",
                        "io.farpool.worker",
                        "io.farpool.worker.process..",
                        "io.farpool.worker.link..",
                        "io.farpool.worker.socket..",
                        "io.farpool.payload..",
                        "io.farpool.worker.payload..",
                        "io.farpool.worker.blob..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName(Thread.class.getName())
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(classes);
    }

    @Test
    void onlyTheLinkKnowsTheTransport() {
        noClasses()
                .that()
                .haveNameNotMatching("io\\.farpool\\.worker\\.link\\.(GrpcLink|EventLoopSockets)(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.grpc.netty..")
                .check(classes);
    }
}

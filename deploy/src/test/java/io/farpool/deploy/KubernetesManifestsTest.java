package io.farpool.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.farpool.cli.CommandLines;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.blob.TransferMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;
import picocli.CommandLine.ParseResult;

@DisplayName("The Kubernetes base, as kubectl renders it,")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KubernetesManifestsTest {
    private static final Path ROOT =
            Path.of(System.getProperty("farpool.root")).toAbsolutePath().normalize();

    private String rendered = "";
    private List<HasMetadata> objects = List.of();

    @BeforeAll
    void render() throws IOException, InterruptedException {
        Path output = Files.createTempFile("farpool-kustomize", ".yaml");
        try {
            Process kubectl = new ProcessBuilder("kubectl", "kustomize", ROOT + "/deploy/kubernetes")
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            assertThat(kubectl.waitFor(60, TimeUnit.SECONDS))
                    .as("kubectl ended")
                    .isTrue();
            rendered = Files.readString(output);
            assertThat(kubectl.exitValue()).as(rendered).isZero();
        } catch (IOException e) {
            System.err.println("SKIPPED: the Kubernetes base was NOT checked, because there is no kubectl here: " + e);
            throw new TestAbortedException("no kubectl on this machine", e);
        } finally {
            Files.deleteIfExists(output);
        }
        objects = StrictYaml.parseAll(rendered);
    }

    @Test
    void hasExactlyTheseObjectsAllInOneNamespace() {
        assertThat(objects.stream().map(o -> o.getKind() + "/" + o.getMetadata().getName()))
                .containsExactlyInAnyOrder(
                        "Namespace/farpool",
                        "ServiceAccount/farpool-coordinator",
                        "ServiceAccount/farpool-worker",
                        "Service/farpool-coordinator",
                        "Deployment/farpool-coordinator",
                        "Deployment/farpool-worker",
                        "NetworkPolicy/default-deny-ingress",
                        "NetworkPolicy/coordinator");
        assertThat(objects)
                .filteredOn(o -> !(o instanceof Namespace))
                .allSatisfy(o -> assertThat(o.getMetadata().getNamespace()).isEqualTo("farpool"));
    }

    @Test
    void isReadStrictly() {
        assertThatThrownBy(() -> StrictYaml.parseAll(rendered.replace("periodSeconds:", "perodSeconds:")))
                .hasMessageContaining("perodSeconds");
        assertThatThrownBy(() -> StrictYaml.parseAll(rendered.replace("kind: NetworkPolicy", "kind: NetworkPolice")))
                .hasMessageContaining("NetworkPolice");
        assertThatThrownBy(() -> StrictYaml.parseAll(rendered.replace("replicas: 2", "replicas: two")))
                .hasMessageContaining("two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"farpool-coordinator", "farpool-worker"})
    void givesTheContainersNothingTheyDoNotNeed(String name) {
        PodSpec pod = pod(name);
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(one(ServiceAccount.class, pod.getServiceAccountName()).getAutomountServiceAccountToken())
                .isFalse();
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isGreaterThanOrEqualTo(10_000);
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        Container container = container(name);
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getSecurityContext().getCapabilities().getAdd()).isNullOrEmpty();
        assertThat(container.getSecurityContext().getPrivileged()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"farpool-coordinator", "farpool-worker"})
    void boundsMemoryAndEveryWritableDirectory(String name) {
        Container container = container(name);
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory", "ephemeral-storage");
        assertThat(container.getResources().getLimits()).containsKeys("memory", "ephemeral-storage");
        assertThat(container.getResources().getRequests().get("memory"))
                .isEqualTo(container.getResources().getLimits().get("memory"));
        List<Volume> volumes = pod(name).getVolumes();
        assertThat(volumes)
                .allSatisfy(v -> assertThat(v.getEmptyDir().getSizeLimit()).isNotNull());
        assertThat(container.getVolumeMounts().stream().map(VolumeMount::getName))
                .containsExactlyInAnyOrderElementsOf(
                        volumes.stream().map(Volume::getName).toList());
        assertThat(container.getVolumeMounts().stream().map(VolumeMount::getMountPath))
                .contains("/tmp");
        Quantity limit = container.getResources().getLimits().get("ephemeral-storage");
        long volumeBytes = volumes.stream()
                .mapToLong(
                        v -> v.getEmptyDir().getSizeLimit().getNumericalAmount().longValueExact())
                .sum();
        assertThat(limit.getNumericalAmount().longValueExact()).isGreaterThan(volumeBytes);
    }

    @Test
    void hasRoomForTheLargePayloadsThatAWorkerKeeps() {
        ParseResult worker = CommandLines.parse(container("farpool-worker").getArgs());
        long heldBytes = worker.<Long>matchedOptionValue("--held-results", Long.MAX_VALUE);
        int slots = worker.<Integer>matchedOptionValue("--slots", Integer.MAX_VALUE);
        // Results of a session for each slot; arguments, and what tasks write, besides.
        assertThat(bytes(volumeAt("farpool-worker", "/tmp").getEmptyDir().getSizeLimit()))
                .isGreaterThanOrEqualTo(Math.addExact(Math.multiplyExact(slots, heldBytes), 4L << 30));
    }

    @Test
    void leavesTheCoordinatorRoomForWhatIsOnItsWayBesideItsHeap() {
        Container coordinator = container("farpool-coordinator");
        Matcher percentage = Pattern.compile("-XX:MaxRAMPercentage=(\\d+)")
                .matcher(coordinator.getEnv().stream()
                        .filter(variable -> variable.getName().equals("FARPOOL_JAVA_OPTS"))
                        .map(EnvVar::getValue)
                        .findFirst()
                        .orElseThrow());
        assertThat(percentage.matches()).isTrue();
        long memoryBytes = bytes(coordinator.getResources().getLimits().get("memory"));
        long heapBytes = memoryBytes * Integer.parseInt(percentage.group(1)) / 100;
        int windowBytes = CoordinatorSettings.streamWindowBytes(heapBytes);
        long relayedBytes = CoordinatorSettings.maxTransfers(heapBytes, windowBytes) * ((3L << 20) + windowBytes);
        long blobBytes = 2 * TransferMemory.inAHeapOf(heapBytes, windowBytes).bytes();
        long otherBytes = 200L << 20;
        assertThat(heapBytes + relayedBytes + blobBytes + otherBytes).isLessThanOrEqualTo(memoryBytes);
    }

    @Test
    void startsTheCommandWithOptionsThatItHas() {
        ParseResult coordinator =
                CommandLines.parse(container("farpool-coordinator").getArgs());
        assertThat(coordinator.commandSpec().name()).isEqualTo("coordinator");
        assertThat(coordinator.<String>matchedOptionValue("--host", "")).isEqualTo("0.0.0.0");
        assertThat(coordinator.hasMatchedOption("--insecure")).isTrue();
        assertMounted("farpool-coordinator", coordinator.<Path>matchedOptionValue("--data-dir", Path.of("")));

        ParseResult worker = CommandLines.parse(container("farpool-worker").getArgs());
        assertThat(worker.commandSpec().name()).isEqualTo("worker");
        assertMounted("farpool-worker", worker.<Path>matchedOptionValue("--cache-dir", Path.of("")));
        assertMounted("farpool-worker", worker.<Path>matchedOptionValue("--ready-file", Path.of("")));
        assertThat(worker.<Integer>matchedOptionValue("--slots", 0))
                .isEqualTo(container("farpool-worker")
                        .getResources()
                        .getLimits()
                        .get("cpu")
                        .getNumericalAmount()
                        .intValueExact());
    }

    @Test
    void connectsWorkerServiceAndCoordinatorByOnePort() {
        Service service = one(Service.class, "farpool-coordinator");
        ServicePort servicePort = service.getSpec().getPorts().get(0);
        ContainerPort containerPort =
                container("farpool-coordinator").getPorts().get(0);
        assertThat(service.getSpec().getPorts()).hasSize(1);
        assertThat(servicePort.getTargetPort().getStrVal()).isEqualTo(containerPort.getName());
        ParseResult coordinator =
                CommandLines.parse(container("farpool-coordinator").getArgs());
        assertThat(coordinator.<Integer>matchedOptionValue("--port", 0)).isEqualTo(containerPort.getContainerPort());
        assertThat(container("farpool-worker").getArgs())
                .contains("--coordinator=" + service.getMetadata().getName() + ":" + servicePort.getPort());
        assertThat(deployment("farpool-coordinator")
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels())
                .containsAllEntriesOf(service.getSpec().getSelector());
        assertThat(deployment("farpool-worker")
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels())
                .as("the Service must not send clients to workers")
                .doesNotContainEntry("app.kubernetes.io/component", "coordinator");
    }

    @Test
    void probesBothDaemons() {
        Container coordinator = container("farpool-coordinator");
        int port = coordinator.getPorts().get(0).getContainerPort();
        assertThat(coordinator.getStartupProbe().getGrpc().getPort()).isEqualTo(port);
        assertThat(coordinator.getReadinessProbe().getGrpc().getPort()).isEqualTo(port);
        assertThat(coordinator.getLivenessProbe().getGrpc().getPort()).isEqualTo(port);
        Container worker = container("farpool-worker");
        Path readyFile = CommandLines.parse(worker.getArgs()).matchedOptionValue("--ready-file", Path.of(""));
        assertThat(worker.getReadinessProbe().getExec().getCommand()).contains(readyFile.toString());
        assertThat(worker.getStartupProbe().getExec().getCommand()).contains(readyFile.toString());
    }

    @Test
    void leavesMoreTimeForTheEndThanADrainTakes() {
        Duration drain = CommandLines.parse(container("farpool-worker").getArgs())
                .matchedOptionValue("--drain-timeout", Duration.ofDays(1));
        Duration grace = Duration.ofSeconds(pod("farpool-worker").getTerminationGracePeriodSeconds());
        assertThat(grace).isGreaterThanOrEqualTo(drain.plusSeconds(15));
    }

    @Test
    void usesTheImagesThatTheRecipesMake() throws IOException {
        for (String name : List.of("coordinator", "worker")) {
            String image = container("farpool-" + name).getImage();
            String recipe = Files.readString(ROOT.resolve("deploy/images/" + name + ".Dockerfile"));
            assertThat(recipe).contains("-t " + image + " ").contains("--build-arg VERSION=" + version() + " ");
            assertThat(image).isEqualTo("farpool-" + name + ":" + version());
            assertThat(recipe)
                    .contains("USER "
                            + pod("farpool-" + name).getSecurityContext().getRunAsUser() + ":");
        }
    }

    @Test
    void letsOnlyWorkersAndLabelledClientsReachTheCoordinator() {
        NetworkPolicy deny = one(NetworkPolicy.class, "default-deny-ingress");
        assertThat(deny.getSpec().getIngress()).isNullOrEmpty();
        assertThat(deny.getSpec().getPolicyTypes()).containsExactly("Ingress");
        NetworkPolicy policy = one(NetworkPolicy.class, "coordinator");
        assertThat(deployment("farpool-coordinator")
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels())
                .containsAllEntriesOf(policy.getSpec().getPodSelector().getMatchLabels());
        assertThat(policy.getSpec().getIngress()).hasSize(1);
        assertThat(policy.getSpec().getIngress().get(0).getFrom()).isNotEmpty().allSatisfy(peer -> assertThat(
                        peer.getPodSelector().getMatchLabels())
                .isNotEmpty());
        assertThat(policy.getSpec().getIngress().get(0).getPorts())
                .singleElement()
                .satisfies(port -> assertThat(port.getPort().getStrVal())
                        .isEqualTo(container("farpool-coordinator")
                                .getPorts()
                                .get(0)
                                .getName()));
        assertThat(deployment("farpool-worker")
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels())
                .containsAllEntriesOf(policy.getSpec()
                        .getIngress()
                        .get(0)
                        .getFrom()
                        .get(0)
                        .getPodSelector()
                        .getMatchLabels());
    }

    private void assertMounted(String name, Path path) {
        assertThat(container(name).getVolumeMounts())
                .as(path + " is on a writable volume")
                .anyMatch(mount -> path.startsWith(mount.getMountPath()));
    }

    private static long bytes(Quantity quantity) {
        return quantity.getNumericalAmount().longValueExact();
    }

    private Volume volumeAt(String name, String path) {
        String volume = container(name).getVolumeMounts().stream()
                .filter(mount -> mount.getMountPath().equals(path))
                .findFirst()
                .orElseThrow()
                .getName();
        return pod(name).getVolumes().stream()
                .filter(each -> each.getName().equals(volume))
                .findFirst()
                .orElseThrow();
    }

    private static String version() {
        return CommandLines.version();
    }

    private Deployment deployment(String name) {
        return one(Deployment.class, name);
    }

    private PodSpec pod(String name) {
        return deployment(name).getSpec().getTemplate().getSpec();
    }

    private Container container(String name) {
        assertThat(pod(name).getContainers()).hasSize(1);
        return pod(name).getContainers().get(0);
    }

    private <T extends HasMetadata> T one(Class<T> type, String name) {
        return objects.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}

package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.ProcessSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessKindTest {
    private static ProcessKind kind(String option, String entry, int runtimeEntries) {
        return new ProcessKind(ProcessSpec.newBuilder().addJvmOptions(option).build(), List.of(entry), runtimeEntries);
    }

    @Test
    void isEqualToOneWithTheSameComponentsAndToNoOther() {
        ProcessKind kind = kind("-ea", "/a.jar", 1);
        assertThat(kind)
                .isEqualTo(kind("-ea", "/a.jar", 1))
                .hasSameHashCodeAs(kind("-ea", "/a.jar", 1))
                .isNotEqualTo(kind("-da", "/a.jar", 1))
                .isNotEqualTo(kind("-ea", "/b.jar", 1))
                .isNotEqualTo(kind("-ea", "/a.jar", 2))
                .isNotEqualTo(null)
                .isNotEqualTo("a kind");
        assertThat(ProcessKind.class.getRecordComponents())
                .as("that are compared: equals and hashCode are written by hand")
                .hasSize(3);
    }
}

package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class WorkerSettingsTest {
    private static final WorkerSettings DEFAULTS = WorkerSettings.defaults();

    @TestFactory
    Stream<DynamicTest> eachWithChangesItsComponentAndNoOther() {
        return Stream.of(WorkerSettings.class.getRecordComponents())
                .map(component -> DynamicTest.dynamicTest(component.getName(), () -> changesOnly(component)));
    }

    private static void changesOnly(RecordComponent changed) throws ReflectiveOperationException {
        Object value = another(changed.getType());
        String name = changed.getName();
        Method with = WorkerSettings.class.getMethod(
                "with" + Character.toUpperCase(name.charAt(0)) + name.substring(1), changed.getType());

        Object settings = with.invoke(DEFAULTS, value);

        for (RecordComponent component : WorkerSettings.class.getRecordComponents()) {
            Object expected = component.getName().equals(name)
                    ? value
                    : component.getAccessor().invoke(DEFAULTS);
            assertThat(component.getAccessor().invoke(settings))
                    .as(component.getName())
                    .isEqualTo(expected);
        }
    }

    /** A value that no default has. */
    private static Object another(Class<?> type) {
        if (type == String.class) {
            return "another";
        } else if (type == int.class) {
            return 9_999;
        } else if (type == long.class) {
            return 12_345L;
        } else if (type == double.class) {
            return 0.123;
        } else if (type == Duration.class) {
            return Duration.ofMillis(12_345);
        } else if (type == Path.class) {
            return Path.of("another");
        } else if (type == Map.class) {
            return Map.of("another", "label");
        }
        throw new AssertionError("no value known for a component of " + type);
    }
}

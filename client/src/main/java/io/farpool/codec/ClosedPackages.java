package io.farpool.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The packages whose classes reflection does not reach, because the program's modules do not open them. A worker process runs the
 * same classes on its class path, where there are no modules, so it is told: both ends must choose the same form for a class.
 */
public final class ClosedPackages {
    private static final String PROPERTY = "farpool.closed.packages";
    private static final Module OWN = ClosedPackages.class.getModule();
    private static final Set<String> TOLD =
            Set.copyOf(Arrays.asList(System.getProperty(PROPERTY, "").split(",")));

    private ClosedPackages() {}

    /** The options that tell a worker process of this program's closed packages; empty for a program without modules. */
    public static List<String> jvmOptions() {
        List<String> closed = new ArrayList<>();
        for (Module module : ModuleLayer.boot().modules()) {
            boolean explicit = !module.getDescriptor().isAutomatic()
                    && !module.getDescriptor().isOpen();
            if (explicit && !Platform.owns(module)) {
                for (String name : module.getPackages()) {
                    if (!module.isOpen(name, OWN)) {
                        closed.add(name);
                    }
                }
            }
        }
        if (closed.isEmpty()) {
            return List.of();
        }
        closed.sort(null);
        return List.of("-D" + PROPERTY + "=" + String.join(",", closed));
    }

    static boolean contains(Class<?> type) {
        Module module = type.getModule();
        String name = type.getPackageName();
        return module.isNamed() ? !module.isOpen(name, OWN) : TOLD.contains(name);
    }

    /** Why an object of a class is refused whose hierarchy has this one. */
    static String refusal(Class<?> level) {
        Module module = level.getModule();
        return (module.isNamed() ? "module " + module.getName() : "the program's module") + " does not open "
                + level.getPackageName() + ". Write \"opens " + level.getPackageName()
                + ";\" into its module-info, or make the class Serializable";
    }
}

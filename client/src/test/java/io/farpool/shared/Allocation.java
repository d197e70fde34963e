package io.farpool.shared;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What threads allocate on the heap. */
final class Allocation {
    private Allocation() {}

    /** Bytes, since the thread's start. */
    static long byThisThread() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}

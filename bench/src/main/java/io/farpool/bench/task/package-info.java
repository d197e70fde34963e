/** What the systems are given to run. Only the JDK, so that each system's processes can load it, and no records, which Ignite cannot serialize. */
@NullMarked
package io.farpool.bench.task;

import org.jspecify.annotations.NullMarked;

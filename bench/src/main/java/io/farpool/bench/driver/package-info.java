/** What runs in the process of one system: it carries out workloads as the harness asks for them. */
@NullMarked
package io.farpool.bench.driver;

import org.jspecify.annotations.NullMarked;

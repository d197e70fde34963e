@NullMarked
package io.farpool.bench.harness;

import org.jspecify.annotations.NullMarked;

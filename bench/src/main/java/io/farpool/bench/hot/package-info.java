/** JMH benchmarks of the pieces that each task goes through. */
@NullMarked
package io.farpool.bench.hot;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.farpool.bench.scale;

import org.jspecify.annotations.NullMarked;

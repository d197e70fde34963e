@NullMarked
package io.farpool.bench.driver;

import org.jspecify.annotations.NullMarked;

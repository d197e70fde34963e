@NullMarked
package io.farpool.bench.report;

import org.jspecify.annotations.NullMarked;

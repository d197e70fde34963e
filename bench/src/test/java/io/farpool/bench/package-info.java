@NullMarked
package io.farpool.bench;

import org.jspecify.annotations.NullMarked;

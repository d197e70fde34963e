/**
 * The example programs: each class is one program with a {@code main} of its own, written against the public API in
 * {@code io.farpool} only. {@link io.farpool.examples.Main} runs any of them by name.
 */
@NullMarked
package io.farpool.examples;

import org.jspecify.annotations.NullMarked;

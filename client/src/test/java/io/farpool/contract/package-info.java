/**
 * The contract both executors keep, as reusable tests: one abstract class per behaviour, each test named after a line of the
 * contract. A backend instantiates them all as nested classes.
 */
@NullMarked
package io.farpool.contract;

import org.jspecify.annotations.NullMarked;

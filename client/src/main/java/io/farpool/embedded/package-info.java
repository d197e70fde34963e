/** A coordinator and a daemon inside the client's JVM: what a pool without an address runs on. */
@NullMarked
package io.farpool.embedded;

import org.jspecify.annotations.NullMarked;

/**
 * How a program's code gets to where its tasks run: this JVM's class path becomes an ordered list of entries, which an
 * embedded pool uses where they are, and which a cluster is sent as blobs, what it does not have yet.
 */
@NullMarked
package io.farpool.bundle;

import org.jspecify.annotations.NullMarked;

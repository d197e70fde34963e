/**
 * Directories that live as long as the JVM that made them, at most: whoever makes one removes it, and what a killed JVM could
 * not remove, the next one does. The daemon, the coordinator and the client have such directories, so this stands below them.
 */
@NullMarked
package io.farpool.temporary;

import org.jspecify.annotations.NullMarked;

/** A host's cache of jars and shared values: fetched from the coordinator when a session first needs them here. */
@NullMarked
package io.farpool.worker.blob;

import org.jspecify.annotations.NullMarked;

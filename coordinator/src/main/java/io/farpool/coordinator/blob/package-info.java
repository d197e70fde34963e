/**
 * The coordinator's side of {@code blob.proto}: jars and shared values come up from clients and go down to hosts, by way
 * of the coordinator's disk. The store itself is {@link io.farpool.blob.BlobStore}.
 */
@NullMarked
package io.farpool.coordinator.blob;

import org.jspecify.annotations.NullMarked;

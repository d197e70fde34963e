/**
 * Bytes named by their SHA-256, on disk. The coordinator's blob store and a host's cache are the same {@link
 * io.farpool.blob.BlobStore}, and neither module may see the other, so it stands here, below both.
 */
@NullMarked
package io.farpool.blob;

import org.jspecify.annotations.NullMarked;

/**
 * Values that many tasks read ({@link io.farpool.Shared}): the file that holds one at the client, what travels in its place,
 * and what stands for it in a worker process.
 *
 * <pre>
 *   client                               worker process
 *   SharedOriginal ─ SharedReference ─▶  SharedCopy
 *    └ SharedBytes ══ blob, by way of coordinator and host ══▶ └ SharedCopies
 * </pre>
 */
@NullMarked
package io.farpool.shared;

import org.jspecify.annotations.NullMarked;

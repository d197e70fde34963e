/** The host's end of the attach stream: connecting, reconnecting, and telling a break from a refusal. */
@NullMarked
package io.farpool.worker.link;

import org.jspecify.annotations.NullMarked;

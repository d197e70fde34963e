/**
 * The client's end of a session: tasks go out, completions come back, futures are completed in threads that may run a user's
 * code. Internal.
 */
@NullMarked
package io.farpool.session;

import org.jspecify.annotations.NullMarked;

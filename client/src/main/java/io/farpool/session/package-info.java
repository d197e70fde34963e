/**
 * The client's end of a session: what is pending, what waits for credit, what has been sent, and how outcomes become the
 * results of futures. {@link io.farpool.session.SessionCore} decides, the classes around it talk and wait.
 */
@NullMarked
package io.farpool.session;

import org.jspecify.annotations.NullMarked;

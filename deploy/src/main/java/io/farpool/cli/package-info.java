/**
 * The {@code farpool} command: options in, one of the daemons started or a cluster described, an exit status out. It knows the
 * coordinator and the worker daemon; of the examples it knows only the name of their main class.
 */
@NullMarked
package io.farpool.cli;

import org.jspecify.annotations.NullMarked;

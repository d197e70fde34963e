/** What the machine and the libraries allow without a pool: a bare gRPC relay, Unix sockets, bare child processes. */
@NullMarked
package io.farpool.bench.floor;

import org.jspecify.annotations.NullMarked;

/**
 * The coordinator's ends of its conversations: messages in, events for the scheduler; decisions of the scheduler,
 * messages
 * out, batched. The same endpoints serve gRPC and, embedded, the other parts directly: they know only {@code
 * StreamObserver}.
 */
@NullMarked
package io.farpool.coordinator.endpoint;

import org.jspecify.annotations.NullMarked;

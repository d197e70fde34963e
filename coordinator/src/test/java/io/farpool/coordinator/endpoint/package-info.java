/** Tests of the conversations, joined directly and over gRPC. */
@NullMarked
package io.farpool.coordinator.endpoint;

import org.jspecify.annotations.NullMarked;

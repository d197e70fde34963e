/** Tests of how room for transfers is shared. */
@NullMarked
package io.farpool.coordinator.transfer;

import org.jspecify.annotations.NullMarked;

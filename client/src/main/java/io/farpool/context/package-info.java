/** Where the task that is running is kept, for {@link io.farpool.TaskContext#current()}. Internal. */
@NullMarked
package io.farpool.context;

import org.jspecify.annotations.NullMarked;

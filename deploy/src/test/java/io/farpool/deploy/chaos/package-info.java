/**
 * The chaos suite: the distribution's programs on machines of their own (network namespaces), while processes are killed and
 * stopped, links cut, slowed and made to lose packets, and disks full. A client checks that each of its tasks completes once,
 * with the right answer; the tasks themselves count how often they ran.
 */
@NullMarked
package io.farpool.deploy.chaos;

import org.jspecify.annotations.NullMarked;

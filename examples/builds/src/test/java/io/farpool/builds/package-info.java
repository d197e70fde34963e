/**
 * Programs as users build and start them, each in processes of its own, with worker processes of this machine and of a cluster
 * that has never seen their classes.
 */
@NullMarked
package io.farpool.builds;

import org.jspecify.annotations.NullMarked;

/**
 * Code that is in no file, such as JShell's snippets, and so in no bundle: a task that needs it brings it along.
 */
@NullMarked
package io.farpool.snippet;

import org.jspecify.annotations.NullMarked;

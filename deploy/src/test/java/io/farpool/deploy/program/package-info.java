/** A program as a user would write it; its classes are in no distribution. */
@NullMarked
package io.farpool.deploy.program;

import org.jspecify.annotations.NullMarked;

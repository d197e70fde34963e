/** A user's program, such as the tests put into every kind of build. */
@NullMarked
package org.example.jobs;

import org.jspecify.annotations.NullMarked;

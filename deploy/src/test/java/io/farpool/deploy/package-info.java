/** The distribution and what runs it elsewhere, tested as they are shipped. */
@NullMarked
package io.farpool.deploy;

import org.jspecify.annotations.NullMarked;

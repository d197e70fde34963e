/** What users of Farpool import. */
@NullMarked
package io.farpool;

import org.jspecify.annotations.NullMarked;

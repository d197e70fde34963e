/** Results as Markdown, SVG and JSON. */
@NullMarked
package io.farpool.bench.report;

import org.jspecify.annotations.NullMarked;

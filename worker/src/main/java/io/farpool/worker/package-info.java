/**
 * The worker daemon: one a host, offering slots. It runs the coordinator's attempts in worker processes, which it starts on
 * demand and ends; the host core ({@code hosting}) decides, {@code process} and {@code link} do.
 */
@NullMarked
package io.farpool.worker;

import org.jspecify.annotations.NullMarked;

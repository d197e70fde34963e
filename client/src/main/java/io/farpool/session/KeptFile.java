package io.farpool.session;

import io.farpool.payload.PayloadFile;

/**
 * A payload's file that this session keeps.
 *
 * @param discard when it is not needed any more, once: removes it, and whatever counted it counts it no more
 */
record KeptFile(PayloadFile file, Runnable discard) {}

package io.farpool.codec;

/**
 * Marks Farpool's own carriers of a user's values, such as a call with its arguments. The path in a message about what cannot be
 * serialized begins after them, at what the user wrote.
 */
public interface Envelope {}

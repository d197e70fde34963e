package io.farpool.session;

import io.farpool.proto.v1.SubmitRequest;

/** The session's stream to the coordinator. Used by one thread at a time. */
interface SubmitStream {
    void send(SubmitRequest request);

    /** Nothing follows: the last request said close. */
    void finish();

    /** It has broken, or its completions have: nothing more of either is wanted. */
    void abandon();
}

package io.farpool.coordinator.endpoint;

/** Something that collects what is to be sent, until everything that came together has been settled. */
interface Outgoing {
    /** Sends what was collected, if anything was. */
    void send();
}

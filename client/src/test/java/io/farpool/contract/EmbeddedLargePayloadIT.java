package io.farpool.contract;

/** Large payloads of worker processes of this JVM's own: they share its files. */
class EmbeddedLargePayloadIT extends LargePayloadContract {
    @Override
    ProcessBackend backend() {
        return new ProcessBackend(null);
    }
}

package io.farpool.process;

import io.farpool.NotSerializableTaskException;
import io.farpool.codec.Codec;
import io.farpool.codec.EncodedThrowable;
import io.farpool.codec.Envelope;
import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Payload;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.function.Function;

/**
 * How the items of a chunk ended, in their order: the result of a {@code map}'s task of several inputs. Each item fails alone:
 * a failure travels in the form that always arrives, and a value that cannot be serialized becomes one. Not thread-safe.
 *
 * @param items one for each input
 */
public record ChunkOutcomes<R>(ArrayList<ItemOutcome<R>> items) implements Serializable, Envelope {
    private static final String RESULTS = "what the chunk's items gave, together,";

    /** In the worker process: to a payload. Values that cannot be serialized are sought only when there are some. */
    Payload encode(PayloadCodec payloads) {
        Codec codec = payloads.codec();
        ArrayList<ItemOutcome<R>> travelling = new ArrayList<>(items.size());
        for (ItemOutcome<R> item : items) {
            Throwable failure = item.failure();
            travelling.add(failure == null ? item : encoded(codec, failure));
        }
        try {
            return payloads.encode(new ChunkOutcomes<>(travelling), RESULTS);
        } catch (NotSerializableTaskException someItem) {
            travelling.replaceAll(item -> item.encoded() != null ? item : checked(codec, item));
            return payloads.encode(new ChunkOutcomes<>(travelling), RESULTS);
        }
    }

    private static <R> ItemOutcome<R> encoded(Codec codec, Throwable failure) {
        return new ItemOutcome<>(null, null, codec.encodeThrowable(failure));
    }

    private static <R> ItemOutcome<R> checked(Codec codec, ItemOutcome<R> item) {
        try {
            codec.check(item.value());
            return item;
        } catch (NotSerializableTaskException refused) {
            return encoded(codec, refused);
        }
    }

    /**
     * In the client: with the failures as exceptions again.
     *
     * @param decoder makes them
     */
    public ChunkOutcomes<R> arrived(Function<EncodedThrowable, Throwable> decoder) {
        ArrayList<ItemOutcome<R>> arrived = new ArrayList<>(items.size());
        for (ItemOutcome<R> item : items) {
            EncodedThrowable encoded = item.encoded();
            arrived.add(encoded == null ? item : ItemOutcome.failed(decoder.apply(encoded)));
        }
        return new ChunkOutcomes<>(arrived);
    }
}

package io.tidemark.wire;

import io.tidemark.model.ByteSink;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/** Joins fragments, offered in log order, into whole batches. Not thread-safe. */
public final class FragmentJoiner {
    private final ByteSink pending = new ByteSink(0);
    private boolean joining;

    /** Takes the next record; returns a whole batch when one is complete with it. A tail without its head is dropped. */
    public Optional<byte[]> offer(byte[] value, Headers headers) {
        if (!Fragments.isFragment(headers)) {
            joining = false;
            return Optional.of(value);
        }
        if (Fragments.isFirst(headers)) {
            pending.clear();
            joining = true;
        }
        if (!joining) {
            return Optional.empty();
        }
        pending.write(value);
        if (Fragments.moreFollow(headers)) {
            return Optional.empty();
        }
        joining = false;
        byte[] whole = pending.toByteArray();
        pending.clear();
        return Optional.of(whole);
    }
}

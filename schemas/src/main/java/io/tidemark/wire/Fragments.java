package io.tidemark.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Splits change batches larger than a Kafka record should be, so that Kafka's record limit never shows. Fragments
 * follow each other in the one partition of the log; a header of two bytes marks the first and the last. The position of the whole
 * is that of its last fragment.
 */
public final class Fragments {
    /** No record is larger, headers aside: well below the 1 MiB that brokers take as they come. */
    public static final int MAX_RECORD_BYTES = 900 * 1024;

    private static final byte FIRST = 1;
    private static final byte LAST = 1;
    private static final String HEADER = "tidemark.fragment";

    private Fragments() {}

    /** One record to send. */
    public record Fragment(byte[] value, List<Header> headers) {}

    /** The records to send for one batch, in order. */
    public static List<Fragment> split(byte[] batch) {
        if (batch.length <= MAX_RECORD_BYTES) {
            return List.of(new Fragment(batch, List.of()));
        }
        List<Fragment> fragments = new ArrayList<>();
        for (int start = 0; start < batch.length; start += MAX_RECORD_BYTES) {
            int end = Math.min(batch.length, start + MAX_RECORD_BYTES);
            byte[] place = {start == 0 ? FIRST : 0, end == batch.length ? LAST : 0};
            fragments.add(
                    new Fragment(Arrays.copyOfRange(batch, start, end), List.of(new RecordHeader(HEADER, place))));
        }
        return fragments;
    }

    /** Whether the record is a fragment. */
    public static boolean isFragment(Headers headers) {
        return headers.lastHeader(HEADER) != null;
    }

    /** Whether the record is the first fragment of a batch, or a batch by itself. */
    public static boolean isFirst(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        return header == null || header.value()[0] == FIRST;
    }

    /** Whether more fragments of the same batch follow. */
    public static boolean moreFollow(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        return header != null && header.value()[1] != LAST;
    }
}

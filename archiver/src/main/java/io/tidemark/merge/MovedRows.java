package io.tidemark.merge;

import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.section.Place;
import io.tidemark.repository.section.SectionCursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Finds rows that were moved to another key, wherever they stood before. Keeps one cursor open for each input and goes
 * from key to key with it; a row that was moved several times costs one search for each move. Not thread-safe.
 */
final class MovedRows implements RowFold.Lookup, AutoCloseable {
    private final RowSchema schema;
    private final List<MergeInput> inputs;
    private final Function<MergeInput, InputCursor> opener;
    private final Predicate<InputCursor> effective;
    private final List<InputCursor> open = new ArrayList<>();

    MovedRows(
            RowSchema schema,
            List<MergeInput> inputs,
            Function<MergeInput, InputCursor> opener,
            Predicate<InputCursor> effective) {
        this.schema = schema;
        this.inputs = inputs;
        this.opener = opener;
        this.effective = effective;
    }

    @Override
    public byte[] rowBefore(byte[] key, Place place) {
        if (open.isEmpty()) {
            inputs.forEach(input -> open.add(opener.apply(input)));
        }
        RowFold fold = new RowFold(schema);
        fold.reset();
        CursorHeap heap = new CursorHeap();
        for (InputCursor input : open) {
            if (input.seekTo(key)) {
                heap.addPositioned(input);
            }
        }
        while (!heap.isEmpty()) {
            SectionCursor change = heap.least().cursor();
            if (change.compareKey(key, 0, key.length) != 0) {
                break;
            }
            // The move itself deletes the old key; the fold remembers the row through that.
            if (effective.test(heap.least())
                    && Place.compare(change.offset(), change.index(), place.offset(), place.index()) < 0) {
                fold.apply(change, heap.least().projection());
            }
            heap.advance();
        }
        if (!fold.isKnown()) {
            throw TidemarkException.corrupt("the change at " + place.offset() + "." + place.index() + " of "
                    + schema.collection() + " continues a row of which the repository holds nothing");
        }
        fold.complete(this);
        return Arrays.copyOf(fold.row().array(), fold.row().length());
    }

    @Override
    public void close() {
        open.forEach(InputCursor::close);
    }
}

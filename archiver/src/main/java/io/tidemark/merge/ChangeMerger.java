package io.tidemark.merge;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.section.Place;
import io.tidemark.repository.section.SectionCursor;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Merges sections of one collection into the rows that were there at a position: for each key the changes up to the
 * position are folded in order. Memory is one block per input, whatever the inputs' size.
 */
public final class ChangeMerger {
    private final RowSchema target;
    private final List<MergeInput> inputs;
    private final long through;
    private final Place truncatedAt;
    private final Map<RowSchema, RowProjection> projections = new HashMap<>();

    /**
     * @param target the schema the rows shall have
     * @param inputs sections of the collection, in any order
     * @param through changes behind this offset are ignored
     */
    public ChangeMerger(RowSchema target, List<MergeInput> inputs, long through) {
        this.target = target;
        this.through = through;
        truncatedAt = inputs.stream()
                .flatMap(input -> input.section().truncations().stream())
                .filter(place -> place.offset() <= through)
                .max(Place::compareTo)
                .orElse(Place.START);
        this.inputs = inputs.stream()
                .filter(input -> input.file().footer().through() >= truncatedAt.offset())
                .toList();
    }

    /** Merges and hands over the rows in key order. */
    public void merge(MergedRows rows) throws IOException {
        RowFold fold = new RowFold(target);
        ByteSink key = new ByteSink(64);
        try (CursorHeap heap = new CursorHeap();
                MovedRows moved = new MovedRows(target, inputs, this::open, this::isEffective)) {
            for (MergeInput input : inputs) {
                heap.add(open(input));
            }
            while (!heap.isEmpty()) {
                SectionCursor least = heap.least().cursor();
                key.clear();
                key.write(least.array(), least.keyStart(), least.keyLength());
                fold.reset();
                while (!heap.isEmpty() && heap.least().cursor().compareKey(key.array(), 0, key.length()) == 0) {
                    CursorHeap.Open change = heap.least();
                    if (isEffective(change)) {
                        fold.apply(change.cursor(), change.projection());
                    }
                    heap.advance();
                }
                if (fold.count() < 0) {
                    throw TidemarkException.corrupt(
                            "more rows of " + target.collection() + " were deleted than there were");
                }
                if (fold.count() > 0) {
                    fold.complete(moved);
                    rows.accept(key, fold.row(), fold.offset(), fold.index(), fold.count());
                }
            }
        }
    }

    private boolean isEffective(CursorHeap.Open open) {
        SectionCursor change = open.cursor();
        return change.offset() > open.after()
                && change.offset() <= through
                && Place.compare(change.offset(), change.index(), truncatedAt.offset(), truncatedAt.index()) > 0;
    }

    private CursorHeap.Open open(MergeInput input) {
        SectionCursor cursor = input.file().cursor(input.section());
        RowProjection projection =
                projections.computeIfAbsent(cursor.rows(), schema -> new RowProjection(schema, target));
        return new CursorHeap.Open(cursor, projection, input.after());
    }
}

package io.tidemark.merge;

import io.tidemark.model.RowSchema;
import io.tidemark.repository.section.SectionCursor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Stands at an entry of an input, in whichever of its sections that is. One section is open at a time. Not thread-safe. */
final class InputCursor implements AutoCloseable {
    private final MergeInput input;
    private final Function<RowSchema, RowProjection> projections;
    private @Nullable SectionCursor cursor;
    private @Nullable RowProjection projection;
    private int range = -1;

    /** Stands before the first entry. */
    InputCursor(MergeInput input, Function<RowSchema, RowProjection> projections) {
        this.input = input;
        this.projections = projections;
    }

    /** Moves to the next entry; false behind the last. */
    boolean next() {
        while (true) {
            if (cursor != null && cursor.next()) {
                return true;
            }
            if (range + 1 >= input.ranges().size()) {
                return false;
            }
            open(range + 1);
        }
    }

    /** Moves to the first entry of the key or behind it in the one section that can have the key; false if it has none. */
    boolean seekTo(byte[] key) {
        int wanted = input.rangeOf(key);
        if (wanted != range) {
            open(wanted);
        }
        return cursor().seekTo(key);
    }

    private void open(int index) {
        close();
        SectionCursor opened = input.ranges().get(index).open();
        cursor = opened;
        projection = projections.apply(opened.rows());
        range = index;
    }

    SectionCursor cursor() {
        if (cursor == null) {
            throw new IllegalStateException("no entry was read yet");
        }
        return cursor;
    }

    /** How the rows of the section it stands in become rows of the target. */
    RowProjection projection() {
        if (projection == null) {
            throw new IllegalStateException("no entry was read yet");
        }
        return projection;
    }

    long after() {
        return input.after();
    }

    @Override
    public void close() {
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }
}

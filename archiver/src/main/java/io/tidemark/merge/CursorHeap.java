package io.tidemark.merge;

import io.tidemark.repository.section.SectionCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** Several sorted sections read as one, by key and place. Closes the cursors. Not thread-safe. */
final class CursorHeap implements AutoCloseable {
    /** An open section, how its rows become target rows, and the offset behind which its changes count. */
    record Open(SectionCursor cursor, RowProjection projection, long after) {}

    private final List<SectionCursor> cursors = new ArrayList<>();
    private final PriorityQueue<Open> heap = new PriorityQueue<>((a, b) -> a.cursor.compareEntry(b.cursor));

    /** Adds a section whose cursor stands before its first entry. */
    void add(Open open) {
        cursors.add(open.cursor());
        if (open.cursor().next()) {
            heap.add(open);
        }
    }

    /** Adds a section whose cursor stands at an entry already and is closed by somebody else. */
    void addPositioned(Open open) {
        heap.add(open);
    }

    boolean isEmpty() {
        return heap.isEmpty();
    }

    /** Where the least entry is. */
    Open least() {
        return heap.element();
    }

    /** Moves on from the least entry. */
    void advance() {
        Open least = heap.remove();
        if (least.cursor().next()) {
            heap.add(least);
        }
    }

    @Override
    public void close() {
        cursors.forEach(SectionCursor::close);
    }
}

package io.tidemark.merge;

import io.tidemark.repository.section.SectionCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Several sorted sections read as one, by key and place: a binary heap of which the top is replaced in place, which takes
 * half the comparisons of removing and adding it. Closes the cursors. Not thread-safe.
 */
final class CursorHeap implements AutoCloseable {
    /** An open section, how its rows become target rows, and the offset behind which its changes count. */
    record Open(SectionCursor cursor, RowProjection projection, long after) {}

    private final List<SectionCursor> cursors = new ArrayList<>();
    private Open[] heap = new Open[8];
    private int size;

    /** Adds a section whose cursor stands before its first entry. */
    void add(Open open) {
        cursors.add(open.cursor());
        if (open.cursor().next()) {
            addPositioned(open);
        }
    }

    /** Adds a section whose cursor stands at an entry already and is closed by somebody else. */
    void addPositioned(Open open) {
        if (size == heap.length) {
            heap = java.util.Arrays.copyOf(heap, 2 * size);
        }
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (heap[parent].cursor().compareEntry(open.cursor()) <= 0) {
                break;
            }
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = open;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Where the least entry is. */
    Open least() {
        if (size == 0) {
            throw new NoSuchElementException("all sections are read");
        }
        return heap[0];
    }

    /** Moves on from the least entry. */
    void advance() {
        Open moved = least();
        if (!moved.cursor().next()) {
            moved = heap[--size];
            if (size == 0) {
                return;
            }
        }
        int at = 0;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].cursor().compareEntry(heap[child].cursor()) < 0) {
                child++;
            }
            if (moved.cursor().compareEntry(heap[child].cursor()) <= 0) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = moved;
    }

    @Override
    public void close() {
        cursors.forEach(SectionCursor::close);
    }
}

package io.tidemark.merge;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Several sorted inputs read as one, by key and place: a binary heap of which the top is replaced in place, which takes
 * half the comparisons of removing and adding it. Closes them. Not thread-safe.
 */
final class CursorHeap implements AutoCloseable {
    private final List<InputCursor> inputs = new ArrayList<>();
    private InputCursor[] heap = new InputCursor[8];
    private int size;

    /** Adds an input that stands before its first entry. */
    void add(InputCursor input) {
        inputs.add(input);
        if (input.next()) {
            addPositioned(input);
        }
    }

    /** Adds an input at its first entry that has the key or a greater one. */
    void addFrom(byte[] key, InputCursor input) {
        inputs.add(input);
        if (input.seekTo(key)) {
            addPositioned(input);
        }
    }

    /** Adds an input that stands at an entry already and is closed by somebody else. */
    void addPositioned(InputCursor open) {
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
    InputCursor least() {
        if (size == 0) {
            throw new NoSuchElementException("all sections are read");
        }
        return heap[0];
    }

    /** Moves on from the least entry. */
    void advance() {
        InputCursor moved = least();
        if (!moved.next()) {
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
        inputs.forEach(InputCursor::close);
    }
}

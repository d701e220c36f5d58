package io.tidemark.merge;

import io.tidemark.model.RowSchema;
import io.tidemark.repository.section.Place;
import io.tidemark.repository.section.SectionCursor;
import io.tidemark.repository.section.SectionFileWriter;
import java.io.IOException;
import java.util.List;

/** Merges sections of one row schema into one that keeps every change. Memory is one block per input. */
public final class SectionMerger {
    private SectionMerger() {}

    /** Writes a section with all changes of the inputs, in order. */
    public static void merge(RowSchema schema, List<MergeInput> inputs, SectionFileWriter writer) throws IOException {
        List<Place> truncations = inputs.stream()
                .flatMap(input -> input.truncations().stream())
                .sorted()
                .toList();
        RowProjection same = new RowProjection(schema, schema);
        try (SectionFileWriter.SectionWriter section = writer.section(schema, truncations);
                CursorHeap heap = new CursorHeap()) {
            for (MergeInput input : inputs) {
                heap.add(new InputCursor(input, rows -> same));
            }
            while (!heap.isEmpty()) {
                InputCursor least = heap.least();
                if (least.cursor().offset() > least.after()) {
                    copy(least.cursor(), section);
                }
                heap.advance();
            }
        }
    }

    private static void copy(SectionCursor from, SectionFileWriter.SectionWriter to) throws IOException {
        byte[] bytes = from.array();
        to.begin(bytes, from.keyStart(), from.keyLength(), from.offset(), from.index(), from.op());
        to.movedFrom(bytes, from.movedFromStart(), from.movedFromLength());
        to.row(bytes, from.beforeStart(), from.beforeLength());
        to.row(bytes, from.afterStart(), from.afterLength());
        to.end();
    }
}

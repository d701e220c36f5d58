package io.tidemark.merge;

import io.tidemark.model.RowSchema;
import io.tidemark.repository.section.Footer;
import io.tidemark.repository.section.Place;
import io.tidemark.repository.section.SectionCursor;
import io.tidemark.repository.section.SectionFile;
import java.util.List;

/**
 * One sorted input of a merge: sections that follow each other in key order and are read one after the other. Changes are
 * one section, a snapshot has one for each part.
 *
 * @param ranges in key order, with no key in two of them
 * @param after changes at this offset or before are already in another input and are ignored; -1 for none
 * @param through the offset of the last change that can be in it
 * @param truncations the places at which the whole collection was emptied, ascending
 */
public record MergeInput(List<KeyRange> ranges, long after, long through, List<Place> truncations) {
    public MergeInput {
        ranges = List.copyOf(ranges);
        truncations = List.copyOf(truncations);
    }

    /** The keys from one on, in a section that is opened when it is needed. */
    public interface KeyRange {
        /** No key in the section is less. */
        byte[] firstKey();

        /** Opens the section at its first entry. */
        SectionCursor open();
    }

    /** The changes in one section of a file. */
    public static MergeInput of(SectionFile file, Footer.Section section, long after) {
        return new MergeInput(
                List.of(new WholeSection(file, section)), after, file.footer().through(), section.truncations());
    }

    /** The shape of the rows in its first section. */
    public RowSchema rows() {
        try (SectionCursor cursor = ranges.get(0).open()) {
            return cursor.rows();
        }
    }

    /** One of its ranges alone. */
    MergeInput range(int index) {
        return new MergeInput(List.of(ranges.get(index)), after, through, truncations);
    }

    /** The range a key belongs to: the last that begins at it or before. */
    int rangeOf(byte[] key) {
        int low = 1;
        int high = ranges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (java.util.Arrays.compareUnsigned(ranges.get(middle).firstKey(), key) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private record WholeSection(SectionFile file, Footer.Section section) implements KeyRange {
        @Override
        public byte[] firstKey() {
            return new byte[0];
        }

        @Override
        public SectionCursor open() {
            return file.cursor(section);
        }
    }
}

package io.tidemark.merge;

import io.tidemark.model.RowSchema;
import io.tidemark.repository.section.Footer;
import io.tidemark.repository.section.SectionFile;

/**
 * One section that takes part in a merge.
 *
 * @param after changes at this offset or before are already in another input and are ignored; -1 for none
 */
public record MergeInput(SectionFile file, Footer.Section section, long after) {
    /** The shape of its rows. */
    public RowSchema rows() {
        return file.rows(section);
    }
}

package io.tidemark.repository.catalog;

import io.tidemark.plan.Stretch;
import io.tidemark.repository.ObjectRef;
import java.util.Optional;

/**
 * A stretch of the log that is in the repository, as a segment, a run of several or, if nothing changed in it, as itself
 * alone.
 *
 * @param object the segment or run; empty if the stretch held no changes
 * @param isRun whether it was merged of several
 * @param archivedAtMicros when it was committed, by the writer's clock
 */
public record Archived(Stretch stretch, Optional<ObjectRef> object, boolean isRun, long archivedAtMicros) {
    CatalogEntry.Range range() {
        return new CatalogEntry.Range(stretch.after(), stretch.through());
    }
}

package io.tidemark.repository.catalog;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tidemark.model.Position;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.ObjectRef;

/** One fact that a commit adds to the catalog. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = CatalogEntry.SourceAdded.class, name = "source-added"),
    @JsonSubTypes.Type(value = CatalogEntry.SourceRemoved.class, name = "source-removed"),
    @JsonSubTypes.Type(value = CatalogEntry.EpochBegun.class, name = "epoch-begun"),
    @JsonSubTypes.Type(value = CatalogEntry.SegmentAdded.class, name = "segment-added"),
    @JsonSubTypes.Type(value = CatalogEntry.HorizonMoved.class, name = "horizon-moved"),
    @JsonSubTypes.Type(value = CatalogEntry.SchemaAdded.class, name = "schema-added"),
    @JsonSubTypes.Type(value = CatalogEntry.SnapshotAdded.class, name = "snapshot-added")
})
public sealed interface CatalogEntry {
    /** The source it is about. */
    String source();

    /** A source came under backup. */
    record SourceAdded(String source, String engine) implements CatalogEntry {}

    /** A source is no longer captured; what was kept of it stays. */
    record SourceRemoved(String source) implements CatalogEntry {}

    /**
     * Capturing began anew with a copy; what lies between the epoch before and that copy is a gap.
     *
     * @param reason one sentence
     */
    record EpochBegun(String source, int epoch, String reason) implements CatalogEntry {}

    /** A segment holds one stretch of the change log. */
    record SegmentAdded(String source, Stretch stretch, ObjectRef object) implements CatalogEntry {}

    /** A stretch of the change log held no changes; only time went by. */
    record HorizonMoved(String source, Stretch stretch) implements CatalogEntry {}

    /** The source's schema, as of a position. */
    record SchemaAdded(String source, Position at, ObjectRef object) implements CatalogEntry {}

    /**
     * A full snapshot.
     *
     * @param end the transaction whose end it shows
     * @param manifest names its parts
     */
    record SnapshotAdded(String source, TransactionEnd end, ObjectRef manifest, long rows, long bytes)
            implements CatalogEntry {}
}

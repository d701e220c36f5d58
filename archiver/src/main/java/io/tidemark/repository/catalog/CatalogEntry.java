package io.tidemark.repository.catalog;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tidemark.model.Position;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.store.ObjectName;
import java.util.List;
import java.util.Optional;

/** One fact that a commit adds to the catalog. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = CatalogEntry.SourceAdded.class, name = "source-added"),
    @JsonSubTypes.Type(value = CatalogEntry.SourceRemoved.class, name = "source-removed"),
    @JsonSubTypes.Type(value = CatalogEntry.EpochBegun.class, name = "epoch-begun"),
    @JsonSubTypes.Type(value = CatalogEntry.SegmentAdded.class, name = "segment-added"),
    @JsonSubTypes.Type(value = CatalogEntry.RunAdded.class, name = "run-added"),
    @JsonSubTypes.Type(value = CatalogEntry.HorizonMoved.class, name = "horizon-moved"),
    @JsonSubTypes.Type(value = CatalogEntry.SchemaAdded.class, name = "schema-added"),
    @JsonSubTypes.Type(value = CatalogEntry.SnapshotAdded.class, name = "snapshot-added"),
    @JsonSubTypes.Type(value = CatalogEntry.SourceProven.class, name = "source-proven"),
    @JsonSubTypes.Type(value = CatalogEntry.SnapshotsArchived.class, name = "snapshots-archived"),
    @JsonSubTypes.Type(value = CatalogEntry.Resealed.class, name = "resealed"),
    @JsonSubTypes.Type(value = CatalogEntry.Retired.class, name = "retired"),
    @JsonSubTypes.Type(value = CatalogEntry.Swept.class, name = "swept")
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

    /**
     * The segments and runs of a stretch were merged into one run, which replaces them.
     *
     * @param object empty if nothing changed in all of them
     */
    record RunAdded(String source, Stretch stretch, Optional<ObjectRef> object) implements CatalogEntry {}

    /** A stretch of the change log held no changes; only time went by. */
    record HorizonMoved(String source, Stretch stretch) implements CatalogEntry {}

    /** The source's schema, as of a position. */
    record SchemaAdded(String source, Position at, ObjectRef object) implements CatalogEntry {}

    /**
     * A full snapshot.
     *
     * @param end the transaction whose end it shows
     * @param manifest names its parts
     * @param bytes size as stored of all its parts
     * @param addedBytes size as stored of what was written for it; the rest it shares with the one before
     */
    record SnapshotAdded(String source, TransactionEnd end, ObjectRef manifest, long rows, long bytes, long addedBytes)
            implements CatalogEntry {
        SnapshotAdded with(ObjectRef other) {
            return new SnapshotAdded(source, end, other, rows, bytes, addedBytes);
        }
    }

    /**
     * The live source was read and held exactly what the repository holds.
     *
     * @param end the transaction at whose end both were compared
     * @param collections how many were compared
     * @param rows how many rows they hold
     */
    record SourceProven(String source, TransactionEnd end, int collections, long rows) implements CatalogEntry {}

    /**
     * Manifests and parts of older snapshots were copied to the archive and are deleted here, but for parts that others share.
     *
     * @param place of the archive, for people
     */
    record SnapshotsArchived(String source, List<Position> snapshots, String place) implements CatalogEntry {
        public SnapshotsArchived {
            snapshots = List.copyOf(snapshots);
        }
    }

    /** Objects were written again under another data key; what they hold is the same. Those that were there are retired. */
    record Resealed(String source, List<Replacement> objects) implements CatalogEntry {
        public Resealed {
            objects = List.copyOf(objects);
        }
    }

    /**
     * An object in another's place.
     *
     * @param isManifest whether it names parts, which are in others' places too
     */
    record Replacement(ObjectName former, ObjectRef object, boolean isManifest) {}

    /**
     * Marks what is not needed any more, of one epoch. It does not exist for new readers from here on; its objects stay
     * until they are swept, for those who still read them.
     *
     * @param floor where what stays restorable begins, if that moved
     * @param snapshots the offsets of snapshots
     * @param pieces segments, runs and stretches without changes
     * @param schemas the offsets of schemas
     */
    record Retired(
            String source,
            int epoch,
            Optional<Floor> floor,
            List<Long> snapshots,
            List<Range> pieces,
            List<Long> schemas)
            implements CatalogEntry {
        public Retired {
            snapshots = List.copyOf(snapshots);
            pieces = List.copyOf(pieces);
            schemas = List.copyOf(schemas);
        }

        /** What there is to retire at all. */
        @JsonIgnore
        public boolean isEmpty() {
            return floor.isEmpty() && snapshots.isEmpty() && pieces.isEmpty() && schemas.isEmpty();
        }
    }

    /**
     * From here on every moment of an epoch stays restorable; before it kept snapshots only.
     *
     * @param offset of the snapshot that everything begins with; of the epoch's end, if nothing of it stays
     * @param latestMicros no transaction up to there committed later
     */
    record Floor(long offset, long latestMicros) {}

    /** The range {@code (after, through]} of one piece. */
    record Range(long after, long through) {}

    /**
     * Retired objects were deleted.
     *
     * @param objects manifests, segments, runs and schemas; the parts of the manifests went before them
     */
    record Swept(String source, List<ObjectName> objects) implements CatalogEntry {
        public Swept {
            objects = List.copyOf(objects);
        }
    }
}

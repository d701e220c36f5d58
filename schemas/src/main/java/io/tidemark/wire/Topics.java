package io.tidemark.wire;

import io.tidemark.model.CollectionName;
import io.tidemark.model.TidemarkException;
import java.util.regex.Pattern;

/**
 * The names of one source's topics.
 *
 * @param source the source's name: 1 to 60 lower-case letters, digits and dashes, a letter first
 */
public record Topics(String source) {
    /** Where the embedded schema registry keeps its schemas; compacted, one partition. */
    public static final String REGISTRY = "tidemark.schemas";

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,59}");

    public Topics {
        if (!NAME.matcher(source).matches()) {
            throw TidemarkException.usage("'" + source
                    + "' is not a source name; use 1 to 60 lower-case letters, digits and dashes, a letter first");
        }
    }

    /** The change log: one partition, total order. */
    public String changes() {
        return "tidemark." + source + ".changes";
    }

    /** The source's schema at the end of the change log, one record, for ingest alone; compacted. */
    public String schema() {
        return "tidemark." + source + ".schema";
    }

    /** Segment plans, from the pipeline to the archiver. */
    public String segments() {
        return "tidemark." + source + ".segments";
    }

    /** Requests for full snapshots, from the pipeline to the archiver. */
    public String snapshots() {
        return "tidemark." + source + ".snapshots";
    }

    /** Orders to merge segments into runs, from the pipeline to the archiver. */
    public String compactions() {
        return "tidemark." + source + ".compactions";
    }

    /** Announcements of catalog commits, from the archiver to the pipeline. */
    public String commits() {
        return "tidemark." + source + ".commits";
    }

    /** The audit topic of one collection. Characters that Kafka does not allow become underscores. */
    public String audit(CollectionName collection) {
        return "tidemark." + source + ".audit." + collection.toString().replaceAll("[^A-Za-z0-9._-]", "_");
    }

    /** The consumer group and application id of one of the source's jobs. */
    public String group(String job) {
        return "tidemark-" + source + "-" + job;
    }
}

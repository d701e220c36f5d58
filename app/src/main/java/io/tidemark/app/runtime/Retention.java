package io.tidemark.app.runtime;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.model.TidemarkException;
import io.tidemark.retention.Pruner;
import io.tidemark.retention.RetentionPolicy;
import java.time.DateTimeException;
import java.time.ZoneId;

/** The retention that the configuration asks for. */
public final class Retention {
    private Retention() {}

    /**
     * The policy of the {@code retention} keys.
     *
     * @throws TidemarkException of kind USAGE if one cannot be read
     */
    public static RetentionPolicy policy(Configuration configuration) {
        if (configuration.optional(Key.ARCHIVE_AFTER).isPresent()
                && configuration.optional(Key.ARCHIVE).isEmpty()) {
            throw TidemarkException.usage("archive.after moves snapshots to an archive; name its place with archive");
        }
        try {
            return new RetentionPolicy(
                    configuration.integer(Key.RETENTION_KEEP_HOURLY),
                    configuration.integer(Key.RETENTION_KEEP_DAILY),
                    configuration.integer(Key.RETENTION_KEEP_WEEKLY),
                    configuration.integer(Key.RETENTION_KEEP_MONTHLY),
                    configuration.integer(Key.RETENTION_KEEP_YEARLY),
                    configuration.duration(Key.RETENTION_MIN_AGE),
                    configuration.optionalDuration(Key.RETENTION_PITR_WINDOW),
                    configuration.optionalDuration(Key.ARCHIVE_AFTER),
                    ZoneId.of(configuration.text(Key.SNAPSHOT_TIME_ZONE)));
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE, "the retention is not possible: " + e.getMessage(), e);
        }
    }

    /** How patient pruning is. */
    public static Pruner.Patience patience(Configuration configuration) {
        return new Pruner.Patience(
                configuration.duration(Key.PRUNE_GRACE), configuration.duration(Key.PRUNE_ORPHAN_AGE));
    }
}

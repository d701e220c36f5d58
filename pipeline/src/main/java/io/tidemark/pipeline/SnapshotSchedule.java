package io.tidemark.pipeline;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.tidemark.model.TidemarkException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/** Times at which snapshots are made, as a cron expression of five fields in a time zone. Immutable. */
public final class SnapshotSchedule {
    private final ExecutionTime times;
    private final ZoneId zone;

    private SnapshotSchedule(ExecutionTime times, ZoneId zone) {
        this.times = times;
        this.zone = zone;
    }

    /**
     * Reads an expression like {@code 0 3 * * *}.
     *
     * @throws TidemarkException of kind USAGE if it or the zone cannot be read
     */
    public static SnapshotSchedule of(String expression, String zone) {
        try {
            Cron cron = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX)).parse(expression);
            return new SnapshotSchedule(ExecutionTime.forCron(cron), ZoneId.of(zone));
        } catch (IllegalArgumentException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE,
                    "snapshot.schedule is '" + expression
                            + "', needed is a cron expression of five fields like '0 3 * * *'",
                    e);
        } catch (DateTimeException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE,
                    "snapshot.time.zone is '" + zone + "', needed is a zone like Europe/Berlin or UTC",
                    e);
        }
    }

    /** The first time behind a moment; empty if there is none any more. */
    public Optional<Instant> next(Instant after) {
        return times.nextExecution(after.atZone(zone)).map(ZonedDateTime::toInstant);
    }
}

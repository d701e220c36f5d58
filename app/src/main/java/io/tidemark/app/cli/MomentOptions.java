package io.tidemark.app.cli;

import io.tidemark.model.Position;
import io.tidemark.model.TidemarkException;
import io.tidemark.restorer.plan.RestoreTo;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which moment is meant; exactly one of these. */
final class MomentOptions {
    @Option(
            names = "--to",
            paramLabel = "TIME|latest",
            description = "A time with its zone, like 2026-03-01T12:34:56.789Z, or latest, which is the default.")
    private String to = "latest";

    @Option(
            names = {"--to-lsn", "--to-binlog"},
            paramLabel = "PLACE",
            description = "A place in the source's log: 16/B374D848 (PostgreSQL), binlog.000042:1234 (MariaDB, MySQL).")
    private @Nullable String lsn;

    @Option(
            names = {"--to-txid", "--to-gtid"},
            paramLabel = "ID",
            description = "A transaction, which is included: 4711 (PostgreSQL), 0-1-4711 (MariaDB), uuid:4711 (MySQL).")
    private @Nullable String txid;

    @Option(
            names = "--to-position",
            paramLabel = "EPOCH:OFFSET",
            description = "A position, as 'timeline' prints them.")
    private @Nullable String position;

    RestoreTo parse() {
        if (lsn != null) {
            return new RestoreTo.Coordinate(lsn);
        }
        if (txid != null) {
            return new RestoreTo.Transaction(txid);
        }
        if (position != null) {
            return new RestoreTo.At(Position.parse(position));
        }
        return to.equals("latest") ? new RestoreTo.Latest() : new RestoreTo.Time(time(to));
    }

    private static Instant time(String text) {
        try {
            return OffsetDateTime.parse(text.strip().replace(' ', 'T')).toInstant();
        } catch (DateTimeException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE,
                    "'" + text + "' is not a time with a zone; write it like 2026-03-01T12:34:56.789Z or "
                            + "2026-03-01T13:34:56.789+01:00",
                    e);
        }
    }
}

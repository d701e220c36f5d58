package io.tidemark.ingest.postgres;

import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Identifiers;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** The publication that says which tables are captured. */
final class Publication {
    private Publication() {}

    /**
     * Makes it if it is not there. Whoever may (superusers) gets all tables, also those to come; others get the tables
     * there are. Tables without identity are never published: their own UPDATEs and DELETEs would fail.
     */
    static void create(Connection connection, CaptureNames names, List<String> exclude) throws SQLException {
        if (Queries.value(connection, "SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ?", names.publication())
                .isPresent()) {
            return;
        }
        List<Table> tables = Tables.list(connection, exclude);
        if (tables.isEmpty()) {
            throw TidemarkException.permanent(
                    "there is no table to back up; create tables first, or correct the exclusions");
        }
        boolean all = exclude.isEmpty()
                && Queries.value(connection, "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user")
                        .orElse("f")
                        .equals("t");
        String what = all
                ? "FOR ALL TABLES"
                : "FOR TABLE "
                        + tables.stream()
                                .map(t -> "ONLY " + Identifiers.quote(t.name()))
                                .collect(Collectors.joining(", "));
        Queries.execute(connection, "CREATE PUBLICATION " + Identifiers.quote(names.publication()) + " " + what);
    }

    static void drop(Connection connection, CaptureNames names) throws SQLException {
        Queries.execute(connection, "DROP PUBLICATION IF EXISTS " + Identifiers.quote(names.publication()));
    }

    /** Whether it is there. */
    static boolean exists(Connection connection, CaptureNames names) throws SQLException {
        return Queries.value(
                        connection, "SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ?", names.publication())
                .isPresent();
    }
}

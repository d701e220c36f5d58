package io.tidemark.ingest.postgres;

import io.tidemark.model.CollectionName;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Identifiers;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The publication that says which tables are captured. */
final class Publication {
    private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

    private Publication() {}

    /**
     * Makes it if it is not there or not what it was made as. Whoever may (superusers) gets all tables, also those to come;
     * others get the tables there are. The capture's schema must be installed.
     */
    static void create(Connection connection, CaptureNames names, List<String> exclude) throws SQLException {
        if (obstacle(connection, names).isEmpty()) {
            return;
        }
        List<String> tables = wanted(connection, names);
        if (tables.isEmpty()) {
            throw TidemarkException.permanent(
                    "there is no table to back up; create tables first, or correct the exclusions");
        }
        boolean all = exclude.isEmpty()
                && Queries.value(connection, "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user")
                        .orElse("f")
                        .equals("t");
        drop(connection, names);
        Queries.execute(
                connection,
                "CREATE PUBLICATION " + Identifiers.quote(names.publication())
                        + (all ? " FOR ALL TABLES" : " FOR TABLE " + String.join(", ", tables)));
    }

    /**
     * The same where a copy begins: tables that were made unnoticed become part of it, as far as the role may publish them, and
     * their rows can be told apart; the server would refuse the application's own changes otherwise.
     */
    static void createWithAll(Connection connection, CaptureNames names, List<String> exclude) throws SQLException {
        create(connection, names, exclude);
        List<String> unpublished = names(
                connection,
                "SELECT pg_catalog.format('ONLY %I.%I', t.nspname, t.relname) FROM " + names.schema()
                        + ".tables(0) t WHERE t.has_identity AND NOT " + names.schema() + ".published(t.oid)");
        for (String table : unpublished) {
            try {
                Queries.execute(
                        connection,
                        "ALTER PUBLICATION " + Identifiers.quote(names.publication()) + " ADD TABLE " + table);
            } catch (SQLException e) {
                LOG.warn("{} cannot be captured: {}", table, e.getMessage());
            }
        }
    }

    /** Tables that would be captured if the publication had them; none before it is made. */
    static List<CollectionName> missing(Connection connection, CaptureNames names) throws SQLException {
        boolean installed = Queries.value(
                        connection, "SELECT pg_catalog.to_regclass(?)::text", names.schema() + ".wanted")
                .isPresent();
        List<CollectionName> missing = new ArrayList<>();
        if (installed && obstacle(connection, names).isEmpty()) {
            try (PreparedStatement statement =
                            connection.prepareStatement("SELECT nspname, relname FROM " + names.schema()
                                    + ".wanted WHERE NOT " + names.schema() + ".published(oid) ORDER BY 1, 2");
                    ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    missing.add(new CollectionName(result.getString(1), result.getString(2)));
                }
            }
        }
        return missing;
    }

    private static List<String> wanted(Connection connection, CaptureNames names) throws SQLException {
        return names(
                connection,
                "SELECT pg_catalog.format('ONLY %I.%I', nspname, relname) FROM " + names.schema() + ".wanted");
    }

    private static List<String> names(Connection connection, String query) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(query);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                tables.add(result.getString(1));
            }
        }
        return tables;
    }

    /** Why it cannot be streamed from; empty if it can. */
    static Optional<String> obstacle(Connection connection, CaptureNames names) throws SQLException {
        Optional<String> complete = Queries.value(
                connection,
                "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AND NOT pubviaroot "
                        + "FROM pg_catalog.pg_publication WHERE pubname = ?",
                names.publication());
        if (complete.isEmpty()) {
            return Optional.of("the publication " + names.publication() + " is gone");
        }
        return complete.get().equals("t")
                ? Optional.empty()
                : Optional.of("the publication " + names.publication() + " was altered and leaves changes out");
    }

    static void drop(Connection connection, CaptureNames names) throws SQLException {
        Queries.execute(connection, "DROP PUBLICATION IF EXISTS " + Identifiers.quote(names.publication()));
    }
}

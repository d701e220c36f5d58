package io.tidemark.ingest.postgres;

import io.tidemark.ingest.SourceSettings;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.CaptureMark;
import io.tidemark.postgres.Queries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schema that a capture keeps in its source: functions that describe the database, and event triggers that put every
 * schema change into the server's log in its place. What they do is written in {@code capture.sql}.
 */
final class CaptureSchema {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureSchema.class);
    private static final Pattern SECTION =
            Pattern.compile("(?ms)^-- (\\d+) ([ba])(?: since (\\d+))?: [^\\n]*\\n(.*?)(?=^-- \\d+ [ba]|\\z)");
    private static final String REPOSITORY = ", repository ";
    private static final Pattern OWNER = Pattern.compile(REPOSITORY + "([^;]+);");
    private static final String WATCHED = " watched";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private CaptureSchema() {}

    /** What is done in one transaction, so that nobody sees the capture without its owner. */
    private interface Change {
        void apply() throws SQLException;
    }

    private static void atOnce(Connection sql, Change change) throws SQLException {
        boolean autoCommit = sql.getAutoCommit();
        sql.setAutoCommit(false);
        try {
            change.apply();
            sql.commit();
        } finally {
            sql.rollback();
            sql.setAutoCommit(autoCommit);
        }
    }

    /** Installs what is missing or of another version or repository; what it remembers stays. */
    static void install(Connection sql, CaptureNames names, SourceSettings settings) throws SQLException {
        String script = script(sql, names, settings.name(), settings.exclude());
        if (mark(sql, names)
                .filter(mark -> mark.startsWith(mark(script, settings)))
                .isEmpty()) {
            atOnce(sql, () -> replace(sql, names, script, settings));
        }
    }

    /**
     * Installs everything anew and takes the database as it is now for what the log knows.
     *
     * @throws TidemarkException of kind PERMANENT if it is another repository's capture
     */
    static void installAnew(Connection sql, CaptureNames names, SourceSettings settings) throws SQLException {
        String script = script(sql, names, settings.name(), settings.exclude());
        atOnce(sql, () -> {
            requireOwn(sql, names, settings);
            String identified = exists(sql, names, "identified")
                    ? Queries.value(
                                    sql,
                                    "SELECT pg_catalog.array_agg(oid)::text FROM " + names.schema() + ".identified")
                            .orElse("{}")
                    : "{}";
            removeObjects(sql, names);
            replace(sql, names, script, settings);
            Queries.execute(
                    sql,
                    "INSERT INTO " + names.schema() + ".identified SELECT pg_catalog.unnest('" + identified
                            + "'::oid[])");
            Queries.value(sql, "SELECT " + names.schema() + ".remember()::text");
        });
    }

    /**
     * Makes sure that the capture belongs to the repository for which it goes on, or to nobody.
     *
     * @throws TidemarkException of kind PERMANENT if it does not
     */
    static void requireOwn(Connection sql, CaptureNames names, SourceSettings settings) throws SQLException {
        Optional<String> owner = owner(sql, names);
        if (owner.isPresent() && !owner.equals(settings.repository())) {
            throw TidemarkException.permanent(
                    "the capture '" + settings.name() + "' in the database belongs to repository " + owner.get());
        }
    }

    private static String mark(String script, SourceSettings settings) {
        return CaptureMark.TEXT + ", version " + Integer.toHexString(script.hashCode())
                + settings.repository().map(id -> REPOSITORY + id).orElse("") + ";";
    }

    private static void replace(Connection sql, CaptureNames names, String script, SourceSettings settings)
            throws SQLException {
        // They would record what comes now; other sessions see them until the commit.
        dropTriggers(sql, names);
        Queries.execute(sql, script);
        Savepoint beforeTriggers = sql.setSavepoint();
        boolean watched = watch(sql, names);
        if (!watched) {
            sql.rollback(beforeTriggers);
        }
        Queries.execute(
                sql,
                "COMMENT ON SCHEMA " + names.schema() + " IS '" + mark(script, settings) + (watched ? WATCHED : "")
                        + "'");
    }

    private static boolean watch(Connection sql, CaptureNames names) throws SQLException {
        try {
            Queries.execute(sql, fill(resource("event-triggers.sql"), names, "", "", ""));
            return true;
        } catch (SQLException e) {
            if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            LOG.warn("the role may not make event triggers: schema changes are noticed late, and when a table is "
                    + "rewritten the whole database is copied again");
            return false;
        }
    }

    private static Optional<String> mark(Connection sql, CaptureNames names) throws SQLException {
        return Queries.value(
                sql,
                "SELECT pg_catalog.obj_description(oid, 'pg_namespace') FROM pg_catalog.pg_namespace WHERE nspname = ?",
                names.schema());
    }

    /** The repository for which it was installed; empty if it is not installed or does not tell. */
    static Optional<String> owner(Connection sql, CaptureNames names) throws SQLException {
        return mark(sql, names).map(OWNER::matcher).filter(Matcher::find).map(found -> found.group(1));
    }

    /** Why schema changes may have gone by unseen; empty if everything is as it was installed. */
    static Optional<String> obstacle(Connection sql, CaptureNames names) throws SQLException {
        Optional<String> mark = mark(sql, names);
        if (mark.isEmpty()) {
            return Optional.of("the schema " + names.schema() + " of the capture was removed from the source");
        }
        return mark.get().endsWith(WATCHED) && !watches(sql, names)
                ? Optional.of("event triggers of the capture were removed from the source or disabled")
                : Optional.empty();
    }

    /** Whether every schema change is told in its place. */
    static boolean watches(Connection sql, CaptureNames names) throws SQLException {
        return Queries.value(
                        sql,
                        "SELECT count(*) FROM pg_catalog.pg_event_trigger e JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid "
                                + "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
                                + "WHERE n.nspname = ? AND e.evtenabled = 'A'",
                        names.schema())
                .orElse("0")
                .equals("3");
    }

    /** Removes all that was installed, and takes back what it did to tables. */
    static void drop(Connection sql, CaptureNames names) throws SQLException {
        if (exists(sql, names, "identified")) {
            Queries.value(sql, "SELECT " + names.schema() + ".unidentify()::text");
        }
        removeObjects(sql, names);
    }

    private static boolean exists(Connection sql, CaptureNames names, String table) throws SQLException {
        return Queries.value(sql, "SELECT pg_catalog.to_regclass(?)::text", names.schema() + "." + table)
                .isPresent();
    }

    private static void dropTriggers(Connection sql, CaptureNames names) throws SQLException {
        for (String trigger : List.of("_change", "_drop", "_rewrite")) {
            Queries.execute(sql, "DROP EVENT TRIGGER IF EXISTS " + names.schema() + trigger);
        }
    }

    private static void removeObjects(Connection sql, CaptureNames names) throws SQLException {
        dropTriggers(sql, names);
        Queries.execute(sql, "DROP SCHEMA IF EXISTS " + names.schema() + " CASCADE");
    }

    private static String script(Connection sql, CaptureNames names, String source, List<String> exclude)
            throws SQLException {
        int version =
                Integer.parseInt(Queries.value(sql, "SHOW server_version_num").orElse("0"));
        StringBuilder objects = new StringBuilder();
        Matcher section = SECTION.matcher(resource("objects.sql"));
        while (section.find()) {
            int since =
                    Optional.ofNullable(section.group(3)).map(Integer::parseInt).orElse(0);
            if (version >= since) {
                objects.append("RETURN QUERY SELECT ")
                        .append(section.group(1))
                        .append(", '")
                        .append(section.group(2))
                        .append("', q.n::text, q.o::text, q.ns::text, q.nm::text, q.rns::text, q.rnm::text, q.a::text, "
                                + "q.r::text[], q.t::text FROM (\n")
                        .append(section.group(4).strip())
                        .append(") q(n, o, ns, nm, rns, rnm, a, r, t);\n");
            }
        }
        String excluded = exclude.stream()
                .map(name -> "'" + name.replace("'", "''") + "'")
                .collect(Collectors.joining(", ", "ARRAY[", "]::text[]"));
        return fill(resource("capture.sql"), names, source, objects.toString(), excluded);
    }

    private static String fill(String text, CaptureNames names, String source, String objects, String exclude) {
        return text.replace("@objects@", objects)
                .replace("@schema@", names.schema())
                .replace("@source@", source)
                .replace("@exclude@", exclude);
    }

    private static String resource(String name) {
        try (InputStream in = CaptureSchema.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot read " + name + ": " + e.getMessage(), e);
        }
    }
}

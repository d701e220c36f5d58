package io.tidemark.ingest.mysql;

import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema.Aspect;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.Identifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts a statement's text behind those that make the schema, where the server's own texts are further than the stream:
 * restores run it again. Immutable.
 */
final class KeptStatements {
    private static final String TRIGGER = "trigger ";
    /** What makes an object that is not a table and was not there. */
    private static final Pattern MADE = Pattern.compile(
            "(?is)^CREATE\\b(?!\\s+OR\\s+REPLACE\\b)(?:(?!\\bTABLE\\b)[^(])*?\\b(PROCEDURE|FUNCTION|TRIGGER|EVENT|VIEW|"
                    + "PACKAGE(?:\\s+BODY)?)\\s+(`(?:[^`]|``)+`|[^\\s(`]+).*");

    private final Tables covered;
    private final List<Statement> known;

    /** @param known the statements that make the schema so far */
    KeptStatements(Tables covered, List<Statement> known) {
        this.covered = covered;
        this.known = known;
    }

    /**
     * A statement as the stream found it.
     *
     * @param session the database that was chosen when it ran
     * @param text its plain text
     * @param table that it changed
     */
    record Followed(String session, String text, BinlogPlace place, Optional<CollectionName> table) {}

    /**
     * The statements with a further one.
     *
     * @param servers the server's texts, as they are now
     * @throws TidemarkException of kind STREAM_LOST if it cannot be run again
     */
    List<Statement> with(Followed statement, List<Statement> servers) {
        requireNoTriggersLost(statement.text());
        List<Statement> statements =
                new ArrayList<>(known.stream().map(KeptStatements::beforeRows).toList());
        statements.add(made(statement, servers).orElseGet(() -> kept(statement)));
        return statements;
    }

    /** An object that the statement makes, as the server tells it with the settings it was made under. */
    private Optional<Statement> made(Followed statement, List<Statement> servers) {
        Matcher matcher = MADE.matcher(Unqualified.in(covered, statement.text()));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String object = matcher.group(1).toLowerCase(Locale.ROOT).replaceAll("\\s+", " ") + " "
                + Identifiers.unquote(matcher.group(2));
        return servers.stream()
                .filter(candidate -> candidate.object().equals(object))
                .findFirst();
    }

    private Statement kept(Followed statement) {
        return new Statement(
                DdlReader.isAboutTables(statement.text()) ? Phase.BEFORE_ROWS : Phase.AFTER_ROWS,
                Aspect.DEFINITION,
                "statement at " + statement.place(),
                statement.table(),
                Optional.empty(),
                List.of(),
                List.of(),
                repeatable(statement));
    }

    /** The text as it can run in any database; it must not reach into others, that of the source above all. */
    private String repeatable(Followed statement) {
        String text = Unqualified.in(covered, statement.text());
        boolean elsewhere = !statement.session().isEmpty()
                && !covered.name(statement.session()).equals(covered.database());
        if (elsewhere || (DdlReader.isAboutTables(text) && Unqualified.isQualified(text))) {
            throw late(statement.text(), "about another database, too");
        }
        return text;
    }

    /** Triggers are made when the rows are there; by then their tables must not be gone or have other names. */
    private void requireNoTriggersLost(String text) {
        boolean lost = DdlReader.takesTablesAway(text)
                && known.stream()
                        .filter(statement -> statement.object().startsWith(TRIGGER))
                        .flatMap(statement -> statement.collection().stream())
                        .anyMatch(table -> DdlReader.mentions(text, table.name()));
        if (lost) {
            throw late(text, "about a table with triggers");
        }
    }

    private static TidemarkException late(String text, String what) {
        return TidemarkException.streamLost(
                "ingest came late to a statement that is " + what + ": " + DdlReader.brief(text));
    }

    /** What belongs to a table must be there before its further statements run. */
    private static Statement beforeRows(Statement statement) {
        return statement.collection().isEmpty() || statement.object().startsWith(TRIGGER)
                ? statement
                : new Statement(
                        Phase.BEFORE_ROWS,
                        statement.aspect(),
                        statement.object(),
                        statement.collection(),
                        statement.refersTo(),
                        statement.needs(),
                        statement.roles(),
                        statement.text());
    }
}

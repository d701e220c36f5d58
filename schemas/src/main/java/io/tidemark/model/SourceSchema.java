package io.tidemark.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that must exist in an empty database before and after the rows are loaded, as statements in the source's
 * own language and in the order to run them.
 *
 * @param engine whose language the statements are in, for example {@code postgresql}
 * @param version the server's version, as it tells it
 * @param statements in the order to run them, phase by phase
 * @param collections the collections under backup, and what their rows look like
 * @param generated columns that the source's log carries and nobody needs, by the collection's id
 */
public record SourceSchema(
        String engine,
        String version,
        List<Statement> statements,
        List<RowSchema> collections,
        Map<String, List<String>> generated) {

    public SourceSchema {
        statements = List.copyOf(statements);
        collections = List.copyOf(collections);
        generated = generated == null ? Map.of() : Map.copyOf(generated);
    }

    /** A schema of a source whose log carries no generated columns. */
    public SourceSchema(String engine, String version, List<Statement> statements, List<RowSchema> collections) {
        this(engine, version, statements, collections, Map.of());
    }

    /** When a statement runs. */
    public enum Phase {
        /** Before any row is loaded: types, tables, sequences. */
        BEFORE_ROWS,
        /** After all rows are loaded: indexes, constraints, triggers, views. */
        AFTER_ROWS
    }

    /** What a statement is about; a restore may leave owners and privileges out. */
    public enum Aspect {
        /** It makes a table. */
        TABLE,
        /** It makes a table that never has rows of its own: a partitioned one, or one whose rows are elsewhere. */
        EMPTY_TABLE,
        /** It makes something else, or makes a table what it was. */
        DEFINITION,
        /** It gives something its owner. */
        OWNER,
        /** It grants and revokes. */
        PRIVILEGES
    }

    /**
     * One statement, or several that belong together, separated by semicolons.
     *
     * @param phase when it runs
     * @param aspect what it is about
     * @param object what it makes, for messages: {@code index public.accounts_pkey}
     * @param collection the collection it belongs to; empty for what all share
     * @param refersTo another collection it needs, as a foreign key does
     * @param needs which statements, by their places in the list, must have run; all stand before this one
     * @param roles that must exist
     * @param text the statement, without a closing semicolon
     */
    public record Statement(
            Phase phase,
            Aspect aspect,
            String object,
            Optional<CollectionName> collection,
            Optional<CollectionName> refersTo,
            List<Integer> needs,
            List<String> roles,
            String text) {
        public Statement {
            needs = List.copyOf(needs);
            roles = List.copyOf(roles);
        }
    }

    /** Whether this collection's rows are under backup; others are restored empty. */
    public boolean holds(CollectionName name) {
        return collections.stream().anyMatch(rows -> rows.collection().equals(name));
    }
}

package io.tidemark.model;

import java.util.List;
import java.util.Optional;

/**
 * Everything that must exist in an empty database before and after the rows are loaded, as statements in the source's
 * own language and in the order to run them.
 *
 * @param engine whose language the statements are in, for example {@code postgresql}
 * @param version the server's version, as it tells it
 * @param statements in the order to run them, phase by phase
 * @param collections the collections under backup
 */
public record SourceSchema(
        String engine, String version, List<Statement> statements, List<CollectionName> collections) {

    public SourceSchema {
        statements = List.copyOf(statements);
        collections = List.copyOf(collections);
    }

    /** When a statement runs. */
    public enum Phase {
        /** Before any row is loaded: types, tables, sequences. */
        BEFORE_ROWS,
        /** After all rows are loaded: indexes, constraints, triggers, views. */
        AFTER_ROWS
    }

    /**
     * One statement.
     *
     * @param phase when it runs
     * @param object what it makes, for messages: {@code index public.accounts_pkey}
     * @param collection the collection it belongs to; empty for what all share
     * @param refersTo another collection it needs, as a foreign key does
     * @param text the statement, without a closing semicolon
     */
    public record Statement(
            Phase phase,
            String object,
            Optional<CollectionName> collection,
            Optional<CollectionName> refersTo,
            String text) {}
}

package io.tidemark.ingest.mysql;

import java.util.Map;
import java.util.Set;

/** What a statement of the schema does to the tables under backup. */
sealed interface DdlEffect {
    /** Nothing: it is about another database, or not about the schema. */
    record None() implements DdlEffect {}

    /** All rows of a table are gone. */
    record Truncated(String table) implements DdlEffect {}

    /** The schema is another one. */
    sealed interface Followed extends DdlEffect {
        /** The tables from here on, by name. */
        Map<String, TableShape> tables();
    }

    /** Objects were made, changed or dropped. */
    record Changed(Map<String, TableShape> tables) implements Followed {
        public Changed {
            tables = Map.copyOf(tables);
        }
    }

    /**
     * The same, and some of the tables hold other rows than before, which the log does not tell.
     *
     * @param rewritten their names
     */
    record Rewritten(Map<String, TableShape> tables, Set<String> rewritten, String reason) implements Followed {
        public Rewritten {
            tables = Map.copyOf(tables);
            rewritten = Set.copyOf(rewritten);
        }
    }

    /** A table was made or altered, and what it looks like now was not understood. */
    record Obscure(String table, String statement) implements DdlEffect {}

    /** What it did can be told neither from the log nor by reading tables again. */
    record Unknown(String reason) implements DdlEffect {}
}

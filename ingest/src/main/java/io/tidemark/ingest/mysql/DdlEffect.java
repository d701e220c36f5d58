package io.tidemark.ingest.mysql;

import java.util.Map;

/** What a statement of the schema does to the tables under backup. */
sealed interface DdlEffect {
    /** Nothing: it is about another database, or not about the schema. */
    record None() implements DdlEffect {}

    /** All rows of a table are gone. */
    record Truncated(String table) implements DdlEffect {}

    /** Objects were made, changed or dropped; these are the tables from here on. */
    record Changed(Map<String, TableShape> tables) implements DdlEffect {
        public Changed {
            tables = Map.copyOf(tables);
        }
    }

    /** A table was made that was not there before; what it looks like was not understood. */
    record Made(String table, String statement) implements DdlEffect {}

    /** What it did to rows cannot be told from the log. */
    record Unknown(String reason) implements DdlEffect {}
}

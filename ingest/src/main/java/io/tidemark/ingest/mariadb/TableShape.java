package io.tidemark.ingest.mariadb;

import io.tidemark.model.Column;
import io.tidemark.model.RowSchema;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a table looks like at some place of the log.
 *
 * @param generated columns that the log carries and nobody needs, since the server works them out
 */
record TableShape(RowSchema rows, Set<String> generated) {
    TableShape {
        generated = Set.copyOf(generated);
    }

    /** Whether names, types and key are the same, whatever the ids. */
    boolean looksLike(TableShape other) {
        return rows.collection().equals(other.rows.collection())
                && rows.key().equals(other.rows.key())
                && names(rows.columns()).equals(names(other.rows.columns()))
                && types(rows.columns()).equals(types(other.rows.columns()))
                && generated.equals(other.generated);
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).toList();
    }

    private static List<String> types(List<Column> columns) {
        return columns.stream().map(Column::type).collect(Collectors.toList());
    }
}

package io.tidemark.ingest.mysql;

import io.tidemark.model.Column;
import io.tidemark.model.RowSchema;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** Whether the table has the same name, columns of the same names and types, and the same key. */
    boolean looksLike(TableShape other) {
        return rows.collection().equals(other.rows.collection())
                && keyNames().equals(other.keyNames())
                && types().equals(other.types())
                && generated.equals(other.generated);
    }

    private Map<String, String> types() {
        return rows.columns().stream().collect(Collectors.toMap(Column::name, Column::type));
    }

    private List<String> keyNames() {
        return rows.key().stream().map(i -> rows.columns().get(i).name()).toList();
    }

    /** This table with its columns in the order of another that looks like it. */
    TableShape inOrderOf(TableShape other) {
        Map<String, Column> byName = rows.columns().stream().collect(Collectors.toMap(Column::name, column -> column));
        List<String> names = other.rows.columns().stream().map(Column::name).toList();
        return new TableShape(
                new RowSchema(
                        rows.id(),
                        rows.collection(),
                        names.stream().map(byName::get).filter(Objects::nonNull).toList(),
                        keyNames().stream().map(names::indexOf).toList()),
                generated);
    }
}

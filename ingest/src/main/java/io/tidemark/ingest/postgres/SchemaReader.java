package io.tidemark.ingest.postgres;

import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Queries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the statements that make the schema anew from the system catalogs. Each query of {@code schema.sql} gives
 * statements in the order to run them: object, schema, table, referenced schema, referenced table, text.
 */
final class SchemaReader {
    private static final String BEFORE = "-- before rows: ";
    private static final String AFTER = "-- after rows: ";

    private SchemaReader() {}

    /** The schema as the connection's transaction sees it; the search path must be empty. */
    static SourceSchema read(Connection connection) throws SQLException {
        List<Statement> statements = new ArrayList<>();
        Set<CollectionName> collections = new LinkedHashSet<>();
        for (Query query : queries()) {
            try (PreparedStatement statement = connection.prepareStatement(query.sql());
                    ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    Optional<CollectionName> table = name(result.getString(2), result.getString(3));
                    if (result.getString(1).startsWith("table ")) {
                        table.ifPresent(collections::add);
                    }
                    statements.add(new Statement(
                            query.phase(),
                            result.getString(1),
                            table,
                            name(result.getString(4), result.getString(5)),
                            result.getString(6)));
                }
            }
        }
        String version = Queries.value(connection, "SHOW server_version").orElse("");
        return new SourceSchema("postgresql", version, statements, List.copyOf(collections));
    }

    private static Optional<CollectionName> name(
            @org.jspecify.annotations.Nullable String namespace, @org.jspecify.annotations.Nullable String name) {
        return namespace == null || name == null ? Optional.empty() : Optional.of(new CollectionName(namespace, name));
    }

    private record Query(Phase phase, String sql) {}

    private static List<Query> queries() {
        List<Query> queries = new ArrayList<>();
        for (String part : resource().split("(?m)^(?=-- (?:before|after) rows: )", -1)) {
            if (part.startsWith(BEFORE)) {
                queries.add(new Query(Phase.BEFORE_ROWS, part));
            } else if (part.startsWith(AFTER)) {
                queries.add(new Query(Phase.AFTER_ROWS, part));
            }
        }
        return queries;
    }

    private static String resource() {
        try (InputStream in = SchemaReader.class.getResourceAsStream("schema.sql")) {
            if (in == null) {
                throw new IllegalStateException("schema.sql is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot read schema.sql: " + e.getMessage(), e);
        }
    }
}

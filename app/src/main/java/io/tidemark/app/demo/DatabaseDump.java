package io.tidemark.app.demo;

import io.tidemark.model.CollectionName;
import io.tidemark.postgres.Identifiers;
import io.tidemark.postgres.PostgresConnections;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/** Every row of every table as the server's own text, one file a table, in an order that depends on the rows alone. */
public final class DatabaseDump {
    private static final String TABLES = """
            SELECT n.nspname, c.relname,
                   (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname !~ '^tidemark_'
            """;

    private final Map<CollectionName, Path> files = new TreeMap<>();

    private DatabaseDump() {}

    /** Writes the tables as the connection's transaction sees them; the connection is one of Tidemark's. */
    public static DatabaseDump write(Connection sql, Path directory) throws SQLException, IOException {
        DatabaseDump dump = new DatabaseDump();
        Files.createDirectories(directory);
        Map<CollectionName, String> columns = new TreeMap<>();
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(TABLES)) {
            while (result.next()) {
                columns.put(new CollectionName(result.getString(1), result.getString(2)), result.getString(3));
            }
        }
        for (Map.Entry<CollectionName, String> table : columns.entrySet()) {
            Path file = directory.resolve(table.getKey().toString());
            String name = Identifiers.quote(table.getKey());
            try (OutputStream out = Files.newOutputStream(file)) {
                PostgresConnections.unwrap(sql)
                        .getCopyAPI()
                        .copyOut(
                                "COPY (SELECT " + table.getValue() + " FROM ONLY " + name
                                        + " t ORDER BY t::text COLLATE \"C\") TO STDOUT",
                                out);
            }
            dump.files.put(table.getKey(), file);
        }
        return dump;
    }

    /** How many rows there are in all tables. */
    public long rows() throws IOException {
        long rows = 0;
        for (Path file : files.values()) {
            try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
                while (reader.readLine() != null) {
                    rows++;
                }
            }
        }
        return rows;
    }

    public int tables() {
        return files.size();
    }

    /** The first difference between two dumps, in words; empty text if there is none. */
    public String difference(DatabaseDump other) throws IOException {
        if (!files.keySet().equals(other.files.keySet())) {
            return "tables differ: " + files.keySet() + " and " + other.files.keySet();
        }
        for (Map.Entry<CollectionName, Path> table : files.entrySet()) {
            Path theirs = other.files.get(table.getKey());
            if (theirs != null && Files.mismatch(table.getValue(), theirs) >= 0) {
                return table.getKey() + " differs: " + firstDifference(table.getValue(), theirs);
            }
        }
        return "";
    }

    private static String firstDifference(Path ours, Path theirs) throws IOException {
        try (BufferedReader a = Files.newBufferedReader(ours, StandardCharsets.ISO_8859_1);
                BufferedReader b = Files.newBufferedReader(theirs, StandardCharsets.ISO_8859_1)) {
            for (long line = 1; ; line++) {
                String left = a.readLine();
                String right = b.readLine();
                if (left == null || !left.equals(right)) {
                    return "row " + line + " is <" + brief(left) + "> and <" + brief(right) + ">";
                }
            }
        }
    }

    private static String brief(@org.jspecify.annotations.Nullable String row) {
        return row == null ? "missing" : row.substring(0, Math.min(300, row.length()));
    }
}

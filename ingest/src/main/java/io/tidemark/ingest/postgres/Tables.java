package io.tidemark.ingest.postgres;

import io.tidemark.model.Encoding;
import io.tidemark.model.Json;
import io.tidemark.model.RowSchema;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tables under backup, as the capture's functions in the server tell them. Stateless. */
final class Tables {
    private static final long BOOL = 16;
    private static final long BYTEA = 17;
    private static final long INT8 = 20;
    private static final long INT2 = 21;
    private static final long INT4 = 23;
    private static final long OID = 26;

    private Tables() {}

    /** All of them, smallest first. */
    static List<Table> list(Connection connection, CaptureNames names) throws SQLException {
        return read(connection, names, 0);
    }

    /** The one with this oid; empty if it is not under backup. */
    static Optional<Table> find(Connection connection, CaptureNames names, int oid) throws SQLException {
        return read(connection, names, Integer.toUnsignedLong(oid)).stream().findFirst();
    }

    private static List<Table> read(Connection connection, CaptureNames names, long oid) throws SQLException {
        List<Table> tables = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT t.rows, t.pages FROM " + names.schema() + ".tables(?) t WHERE "
                        + names.schema() + ".published(t.oid) ORDER BY t.pages, t.nspname, t.relname")) {
            statement.setLong(1, oid);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    byte[] json = result.getString(1).getBytes(StandardCharsets.UTF_8);
                    tables.add(new Table(Json.read(json, RowSchema.class, "a table's shape"), result.getLong(2)));
                }
            }
        }
        return tables;
    }

    /**
     * How values of a type are kept, as {@code tables()} tells it: native only where the server's text can be made from it
     * again, digit by digit.
     */
    static Encoding encoding(long typeOid) {
        if (typeOid == INT2 || typeOid == INT4) {
            return Encoding.INT;
        }
        if (typeOid == INT8 || typeOid == OID) {
            return Encoding.LONG;
        }
        if (typeOid == BOOL) {
            return Encoding.BOOLEAN;
        }
        return typeOid == BYTEA ? Encoding.BYTES : Encoding.TEXT;
    }
}

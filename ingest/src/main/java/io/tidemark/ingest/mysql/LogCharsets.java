package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata.DefaultCharset;
import io.tidemark.mysql.ColumnType;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The character sets that the binary log tells of columns, by the numbers of their collations. */
final class LogCharsets {
    private static final int ENUM = 247;
    private static final int SET = 248;
    private static final List<Integer> WITH_CHARSET = List.of(15, 253, 254, 252, 249, 250, 251);

    private final Map<Integer, String> ofCollation;

    /**
     * @param ofCollation the character set of each collation, by its number
     */
    LogCharsets(Map<Integer, String> ofCollation) {
        this.ofCollation = Map.copyOf(ofCollation);
    }

    static LogCharsets read(Connection sql, ServerDialect dialect) throws SQLException {
        Map<Integer, String> ofCollation = new HashMap<>();
        try (Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery(dialect.collations())) {
            while (rows.next()) {
                ofCollation.put(rows.getInt(1), ColumnType.charset(rows.getString(2)));
            }
        }
        return new LogCharsets(ofCollation);
    }

    /** The character set of each column, or {@code binary}; empty for columns that have none. */
    List<Optional<String>> of(TableMapEventData table) {
        TableMapEventMetadata metadata = table.getEventMetadata();
        byte[] types = table.getColumnTypes();
        List<Optional<String>> charsets = new ArrayList<>();
        int place = 0;
        for (int i = 0; i < types.length; i++) {
            int type = types[i] & 0xFF;
            // Enumerations and sets are written as strings whose real type is in the first byte of their metadata.
            int real = type == 254 ? realType(table.getColumnMetadata()[i]) : type;
            if (!WITH_CHARSET.contains(type) || real == ENUM || real == SET) {
                charsets.add(Optional.empty());
            } else {
                charsets.add(Optional.ofNullable(ofCollation.get(collation(metadata, place++))));
            }
        }
        return charsets;
    }

    private static int realType(int meta) {
        int high = meta >> 8;
        return high == ENUM || high == SET ? high : 254;
    }

    private static int collation(TableMapEventMetadata metadata, int place) {
        DefaultCharset most = metadata.getDefaultCharset();
        if (most != null) {
            Map<Integer, Integer> others = most.getCharsetCollations();
            return others == null
                    ? most.getDefaultCharsetCollation()
                    : others.getOrDefault(place, most.getDefaultCharsetCollation());
        }
        List<Integer> each = metadata.getColumnCharsets();
        return each == null || place >= each.size() ? -1 : each.get(place);
    }
}

package io.tidemark.ingest.mysql;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import io.tidemark.mysql.ColumnType;
import io.tidemark.mysql.ValueWriter;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the values of one column, as {@link RawCell} reads them, as they are kept. Stateless. */
final class CellWriter {
    private final ColumnType type;
    private final ColumnType.Family family;
    private final int fixedBytes;

    CellWriter(String typeText) {
        type = ColumnType.parse(typeText);
        family = type.family();
        fixedBytes = type.base().equals("binary") ? type.length(1) : 0;
    }

    /**
     * Writes a value.
     *
     * @throws ClassCastException if the log holds another kind of value than the column has
     */
    void write(@Nullable Serializable cell, ByteSink target) {
        if (cell == null) {
            target.writeByte(RowCodec.NULL);
            return;
        }
        switch (family) {
            case INTEGER -> ValueWriter.number(integer((Long) cell), target);
            case ENUM -> ValueWriter.text(member((Long) cell), target);
            case SET -> ValueWriter.text(members((Long) cell), target);
            case TEXT -> ValueWriter.text(text(cell), target);
            case FLOAT, DOUBLE -> ValueWriter.text((String) cell, target);
            case UTF8, BIT -> ValueWriter.bytes((byte[]) cell, target);
            case BYTES -> ValueWriter.bytes(padded((byte[]) cell), target);
        }
    }

    private long integer(long raw) {
        if (raw >= 0 || !type.unsigned()) {
            return raw;
        }
        int bits = switch (type.base()) {
            case "tinyint" -> 8;
            case "smallint" -> 16;
            case "mediumint" -> 24;
            default -> 32;
        };
        return raw + (1L << bits);
    }

    private String member(long index) {
        return index == 0 ? "" : type.arguments().get((int) index - 1);
    }

    private String members(long bits) {
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < type.arguments().size(); i++) {
            if ((bits >> i & 1) == 1) {
                chosen.add(type.arguments().get(i));
            }
        }
        return String.join(",", chosen);
    }

    private String text(Serializable cell) {
        return switch (type.base()) {
            case "bigint", "serial" -> Long.toUnsignedString((Long) cell);
            case "year" -> year((Long) cell);
            case "uuid" -> uuid((byte[]) cell);
            case "inet4" -> NetworkAddress.inet4(Arrays.copyOf((byte[]) cell, 4));
            case "inet6" -> NetworkAddress.inet6(Arrays.copyOf((byte[]) cell, 16));
            default -> (String) cell;
        };
    }

    private static String year(long stored) {
        return stored == 0 ? "0000" : Long.toString(1900 + stored);
    }

    private static String uuid(byte[] stored) {
        String hex = HexFormat.of().formatHex(Arrays.copyOf(stored, 16));
        return hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16) + "-"
                + hex.substring(16, 20) + "-" + hex.substring(20);
    }

    /** The log leaves zeroes at the end of a fixed number of bytes out. */
    private byte[] padded(byte[] stored) {
        return stored.length < fixedBytes ? Arrays.copyOf(stored, fixedBytes) : stored;
    }
}

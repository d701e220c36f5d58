package io.tidemark.ingest.mysql;

import io.tidemark.mysql.ColumnType;
import java.util.List;

/** Whether values stay what they are, byte by byte as they are kept, when a column gets another type. */
final class TypeChange {
    private static final List<String> INTEGERS = List.of("tinyint", "smallint", "mediumint", "int", "bigint");
    private static final List<String> TEXTS = List.of("char", "varchar", "tinytext", "text", "mediumtext", "longtext");
    private static final List<String> BYTES = List.of("varbinary", "tinyblob", "blob", "mediumblob", "longblob");

    private TypeChange() {}

    static boolean keepsValues(String before, String after) {
        if (before.equals(after)) {
            return true;
        }
        ColumnType from = ColumnType.parse(before);
        ColumnType to = ColumnType.parse(after);
        if (from.family() != to.family()) {
            return false;
        }
        return switch (from.family()) {
            case INTEGER -> grows(INTEGERS, from, to) && (from.unsigned() == to.unsigned() || isWider(from, to));
            case UTF8 ->
                TEXTS.contains(from.base())
                        && holds(TEXTS, from, to)
                        && (from.charset().equals(to.charset()) || to.charset().startsWith("utf8mb4"));
            case BYTES -> from.charset().equals(to.charset()) && (holds(TEXTS, from, to) || holds(BYTES, from, to));
            case ENUM -> to.arguments().containsAll(from.arguments());
            case SET ->
                to.arguments().size() >= from.arguments().size()
                        && to.arguments().subList(0, from.arguments().size()).equals(from.arguments());
            case TEXT ->
                from.base().equals("decimal")
                        && to.base().equals("decimal")
                        && from.arguments().get(1).equals(to.arguments().get(1))
                        && to.length(0) >= from.length(0)
                        && (from.unsigned() || !to.unsigned());
            case FLOAT, DOUBLE, BIT -> false;
        };
    }

    private static boolean grows(List<String> order, ColumnType from, ColumnType to) {
        return order.contains(from.base())
                && order.contains(to.base())
                && order.indexOf(to.base()) >= order.indexOf(from.base());
    }

    private static boolean isWider(ColumnType from, ColumnType to) {
        return from.unsigned() && !to.unsigned() && INTEGERS.indexOf(to.base()) > INTEGERS.indexOf(from.base());
    }

    /** Whether the other type takes every value; lengths count where both have one. */
    private static boolean holds(List<String> order, ColumnType from, ColumnType to) {
        return grows(order, from, to) && (to.arguments().isEmpty() || to.length(0) >= from.length(Integer.MAX_VALUE));
    }
}

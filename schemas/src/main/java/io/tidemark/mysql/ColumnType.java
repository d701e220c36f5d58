package io.tidemark.mysql;

import io.tidemark.model.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the text of a column's type says, as {@code information_schema.columns} has it, with the character set behind it:
 * {@code varchar(20) character set latin1}.
 *
 * @param base the type's name, in lower case: {@code varchar}
 * @param arguments what stands between the parentheses; members of an enumeration are unquoted
 * @param unsigned whether it is an unsigned number
 * @param charset the character set; empty text where there is none
 */
public record ColumnType(String base, List<String> arguments, boolean unsigned, String charset) {
    /** How values of a type are written down. */
    public enum Family {
        /** A whole number that fits into 64 bits with a sign. */
        INTEGER,
        /** The server's own text: decimals, times, UUIDs, network addresses, whole numbers without a sign of 64 bits. */
        TEXT,
        /** A number of 32 bits; its text is the shortest that gives it back, where the server's own would not. */
        FLOAT,
        /** A number of 64 bits; its text is the shortest that gives it back. */
        DOUBLE,
        /** Bits, the most significant first. */
        BIT,
        /** One of the members, or none, which is the empty text. */
        ENUM,
        /** Some of the members, separated by commas. */
        SET,
        /** Characters of a set whose bytes are those of UTF-8, and documents in JSON. */
        UTF8,
        /** Bytes as the server keeps them: of binary columns, of shapes, and of characters in any other set. */
        BYTES
    }

    private static final Pattern TEXT = Pattern.compile(
            "(?s)([a-z0-9_ ]+?)\\s*(?:\\((.*)\\))?((?:\\s+(?:unsigned|zerofill|signed))*)(?:\\s+character set (\\w+))?");
    private static final Set<String> INTEGERS =
            Set.of("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "boolean", "bool", "serial");
    private static final Set<String> TEXTS = Set.of(
            "decimal",
            "numeric",
            "fixed",
            "dec",
            "date",
            "time",
            "datetime",
            "timestamp",
            "year",
            "uuid",
            "inet4",
            "inet6");
    private static final Set<String> CHARACTERS = Set.of(
            "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "nchar", "nvarchar", "long varchar");
    private static final Set<String> NO_LENGTH = Set.of(
            "float",
            "double",
            "year",
            "tinytext",
            "text",
            "mediumtext",
            "longtext",
            "tinyblob",
            "blob",
            "mediumblob",
            "longblob",
            "bigint");
    private static final Set<String> UTF8_SETS = Set.of("utf8", "utf8mb3", "utf8mb4", "ascii");

    public ColumnType {
        arguments = List.copyOf(arguments);
    }

    /** Reads a type's text. */
    public static ColumnType parse(String text) {
        int open = text.indexOf('(');
        String head = (open < 0 ? text : text.substring(0, open)).toLowerCase(Locale.ROOT);
        int close = text.lastIndexOf(')');
        String lower = open < 0
                ? head
                : head
                        + text.substring(open, close + 1)
                        + text.substring(close + 1).toLowerCase(Locale.ROOT);
        Matcher matcher = TEXT.matcher(lower.strip());
        if (!matcher.matches()) {
            return new ColumnType(text, List.of(), false, "");
        }
        String base = matcher.group(1).replaceAll("\\s+(unsigned|zerofill|signed)", "");
        boolean isUnsigned = lower.contains("unsigned") || lower.contains("zerofill") || base.equals("serial");
        String set = matcher.group(4) == null ? "" : matcher.group(4);
        return new ColumnType(base, arguments(matcher.group(2)), isUnsigned, set);
    }

    private static List<String> arguments(@Nullable String text) {
        List<String> arguments = new ArrayList<>();
        if (text == null) {
            return arguments;
        }
        StringBuilder current = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\'' && i + 1 < text.length() && text.charAt(i + 1) == '\'') {
                current.append(c);
                i++;
            } else if (c == '\'') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                arguments.add(current.toString());
                current.setLength(0);
            } else if (quoted || !Character.isWhitespace(c)) {
                current.append(c);
            }
        }
        arguments.add(current.toString());
        return arguments;
    }

    /** One text for all ways to write the same type; {@link #parse} reads it. */
    public String canonical() {
        String name = switch (base) {
            case "integer" -> "int";
            case "bool", "boolean" -> "tinyint";
            case "numeric", "fixed", "dec" -> "decimal";
            case "real", "double precision" -> "double";
            case "geomcollection" -> "geometrycollection";
            default -> base;
        };
        String between = "";
        if (name.equals("enum") || name.equals("set")) {
            between = "(" + arguments.stream().map(Identifiers::literal).collect(Collectors.joining(",")) + ")";
        } else if (name.equals("decimal")) {
            between = "(" + length(10) + "," + (arguments.size() > 1 ? arguments.get(1) : "0") + ")";
        } else if (name.equals("bit") || name.equals("char") || name.equals("binary")) {
            between = "(" + length(1) + ")";
        } else if (!NO_LENGTH.contains(name) && family() != Family.INTEGER && length(0) > 0) {
            between = "(" + length(0) + ")";
        }
        boolean isNumber = family() == Family.INTEGER || name.equals("bigint") || name.equals("decimal");
        return name
                + between
                + (unsigned && isNumber ? " unsigned" : "")
                + (CHARACTERS.contains(base) && !charset.isEmpty() ? " character set " + charset(charset) : "");
    }

    /** One name for a character set that has two. */
    public static String charset(String name) {
        return name.equals("utf8") ? "utf8mb3" : name;
    }

    /** How values are written down. */
    public Family family() {
        if (INTEGERS.contains(base)) {
            return unsigned && (base.equals("bigint") || base.equals("serial")) ? Family.TEXT : Family.INTEGER;
        }
        if (TEXTS.contains(base)) {
            return Family.TEXT;
        }
        if (CHARACTERS.contains(base)) {
            return UTF8_SETS.contains(charset) ? Family.UTF8 : Family.BYTES;
        }
        return switch (base) {
            case "float" -> Family.FLOAT;
            case "double", "real", "double precision" -> Family.DOUBLE;
            case "bit" -> Family.BIT;
            case "enum" -> Family.ENUM;
            case "set" -> Family.SET;
            case "json" -> Family.UTF8;
            default -> Family.BYTES;
        };
    }

    /** How values are kept. */
    public Encoding encoding() {
        return switch (family()) {
            case INTEGER -> Encoding.LONG;
            case BIT, BYTES -> Encoding.BYTES;
            case TEXT, FLOAT, DOUBLE, ENUM, SET, UTF8 -> Encoding.TEXT;
        };
    }

    /** The first argument as a number. */
    public int length(int otherwise) {
        return arguments.isEmpty() || arguments.get(0).isEmpty() ? otherwise : Integer.parseInt(arguments.get(0));
    }

    /** The expression that makes the server tell a column's value in the form that {@link RowReader} takes. */
    public String expression(String quotedColumn) {
        return switch (family()) {
            case INTEGER, TEXT -> "CAST(" + quotedColumn + " AS CHAR)";
            case FLOAT -> "CAST(" + quotedColumn + " * 1e0 AS CHAR)";
            case DOUBLE -> "CAST(" + quotedColumn + " AS CHAR)";
            case UTF8 -> base.equals("json") ? "CAST(" + quotedColumn + " AS CHAR)" : quotedColumn;
            case ENUM, SET -> quotedColumn;
            case BIT, BYTES -> "CAST(" + quotedColumn + " AS BINARY)";
        };
    }
}

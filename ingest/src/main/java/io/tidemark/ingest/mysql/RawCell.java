package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.deserialization.AbstractRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import io.tidemark.mysql.FloatText;
import java.io.IOException;
import java.io.Serializable;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Reads single values of row events without losing anything: a {@code Long} for whole numbers, years and the indexes of
 * enumerations, a {@code String} for what has one form as text, {@code byte[]} for everything else. Times are told as the
 * server would, zero and partial dates included; documents as the server would write them.
 *
 * @see <a href="https://mariadb.com/kb/en/rows_event_v1v2-rows_compressed_event_v1/">MariaDB: rows events</a>
 */
final class RawCell {
    private RawCell() {}

    static Serializable read(ColumnType type, int meta, int length, ByteArrayInputStream in) throws IOException {
        return switch (type) {
            case TINY -> signed(in, 1);
            case SHORT -> signed(in, 2);
            case INT24 -> signed(in, 3);
            case LONG -> signed(in, 4);
            case LONGLONG -> signed(in, 8);
            case YEAR -> (long) in.readInteger(1);
            case ENUM, SET -> unsigned(in, length);
            case FLOAT -> FloatText.of(Float.intBitsToFloat((int) unsigned(in, 4)));
            case DOUBLE -> Double.toString(Double.longBitsToDouble(unsigned(in, 8)));
            case NEWDECIMAL -> decimal(meta, in);
            case DATE -> date((int) unsigned(in, 3));
            case TIME_V2 -> time(meta, in);
            case DATETIME_V2 -> dateTime(meta, in);
            case TIMESTAMP_V2 -> timestamp(meta, in);
            case BIT -> in.read(((meta >> 8) * 8 + (meta & 0xFF) + 7) / 8);
            case STRING -> in.read((int) unsigned(in, length < 256 ? 1 : 2));
            case VARCHAR, VAR_STRING -> in.read((int) unsigned(in, meta < 256 ? 1 : 2));
            case JSON -> JsonText.of(in.read((int) unsigned(in, meta)));
            case BLOB, GEOMETRY, TINY_BLOB, MEDIUM_BLOB, LONG_BLOB -> in.read((int) unsigned(in, meta));
            default -> throw new IOException("a row holds a value of the type " + type + ", which cannot be read");
        };
    }

    private static long unsigned(ByteArrayInputStream in, int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= ((long) in.read()) << (8 * i);
        }
        return value;
    }

    private static long signed(ByteArrayInputStream in, int bytes) throws IOException {
        int unused = 64 - 8 * bytes;
        return unsigned(in, bytes) << unused >> unused;
    }

    private static long bigEndian(ByteArrayInputStream in, int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | in.read();
        }
        return value;
    }

    private static String decimal(int meta, ByteArrayInputStream in) throws IOException {
        int precision = meta & 0xFF;
        int scale = meta >> 8;
        int whole = precision - scale;
        int bytes = whole / 9 * 4 + (whole % 9 + 1) / 2 + scale / 9 * 4 + (scale % 9 + 1) / 2;
        return AbstractRowsEventDataDeserializer.asBigDecimal(precision, scale, in.read(bytes))
                .toPlainString();
    }

    private static String date(int value) {
        return yearMonthDay(value >> 9, value >> 5 & 15, value & 31);
    }

    private static String dateTime(int digits, ByteArrayInputStream in) throws IOException {
        long value = bigEndian(in, 5) - 0x8000000000L;
        int yearMonth = (int) (value >> 22);
        return yearMonthDay(yearMonth / 13, yearMonth % 13, (int) (value >> 17) & 31)
                + " "
                + clock((value >> 12) & 31, (value >> 6) & 63, value & 63)
                + fraction(digits, bigEndian(in, (digits + 1) / 2));
    }

    /** Second 0 stands for the zero value: the first second that can be stored is the one after it. */
    private static String timestamp(int digits, ByteArrayInputStream in) throws IOException {
        long second = bigEndian(in, 4);
        String fraction = fraction(digits, bigEndian(in, (digits + 1) / 2));
        if (second == 0) {
            return "0000-00-00 00:00:00" + fraction;
        }
        LocalDateTime time = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
        return yearMonthDay(time.getYear(), time.getMonthValue(), time.getDayOfMonth())
                + " "
                + clock(time.getHour(), time.getMinute(), time.getSecond())
                + fraction;
    }

    /** Negative times are stored as a whole, fraction included. */
    private static String time(int digits, ByteArrayInputStream in) throws IOException {
        int fractionBytes = (digits + 1) / 2;
        int fractionBits = 8 * fractionBytes;
        long packed = bigEndian(in, 3 + fractionBytes) - (0x800000L << fractionBits);
        long value = Math.abs(packed);
        long seconds = value >> fractionBits;
        return (packed < 0 ? "-" : "")
                + clock(seconds >> 12 & 1023, seconds >> 6 & 63, seconds & 63)
                + fraction(digits, value & ((1L << fractionBits) - 1));
    }

    static String yearMonthDay(int year, int month, int day) {
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2);
    }

    static String clock(long hours, long minutes, long seconds) {
        return padded(hours, 2) + ":" + padded(minutes, 2) + ":" + padded(seconds, 2);
    }

    /** Fractions are stored in hundredths, ten-thousandths or millionths. */
    static String fraction(int digits, long value) {
        return digits == 0 ? "" : "." + padded(value, (digits + 1) / 2 * 2).substring(0, digits);
    }

    private static String padded(long value, int digits) {
        String text = Long.toString(value);
        return text.length() >= digits ? text : "0".repeat(digits - text.length()) + text;
    }
}

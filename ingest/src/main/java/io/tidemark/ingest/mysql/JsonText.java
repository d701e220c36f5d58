package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonBinary;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonFormatter;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;

/**
 * The text of documents in MySQL's binary JSON, letter by letter as the server itself writes it. Times within documents are
 * read here, since the library mistakes negative ones.
 *
 * @see <a href="https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html">MySQL: the format</a>
 */
final class JsonText extends JsonBinary {
    private static final String EMPTY = "null";
    private static final long FRACTION = 1L << 24;

    private final ByteArrayInputStream in;
    private final Writer writer = new Writer();

    private JsonText(ByteArrayInputStream in) {
        super(in);
        this.in = in;
    }

    /** The text, in UTF-8. What the server made of a NULL that may not be one has no bytes at all. */
    static byte[] of(byte[] document) throws IOException {
        if (document.length == 0) {
            return EMPTY.getBytes(StandardCharsets.UTF_8);
        }
        JsonText reader = new JsonText(new ByteArrayInputStream(document));
        reader.parse(reader.writer);
        return reader.writer.text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Eight bytes, the least first: the whole behind the sign, and then the fraction in its own 24 bits. */
    private long packed() throws IOException {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value |= ((long) in.read()) << (8 * i);
        }
        return value;
    }

    @Override
    protected void parseTime(JsonFormatter formatter) throws IOException {
        long packed = packed();
        long value = Math.abs(packed);
        long time = value / FRACTION;
        writer.string((packed < 0 ? "-" : "")
                + RawCell.clock(time >> 12 & 1023, time >> 6 & 63, time & 63)
                + RawCell.fraction(6, value % FRACTION));
    }

    @Override
    protected void parseDate(JsonFormatter formatter) throws IOException {
        writer.string(day(packed() / FRACTION));
    }

    @Override
    protected void parseDatetime(JsonFormatter formatter) throws IOException {
        long value = packed();
        long time = value / FRACTION;
        writer.string(day(time) + " " + RawCell.clock(time >> 12 & 31, time >> 6 & 63, time & 63)
                + RawCell.fraction(6, value % FRACTION));
    }

    private static String day(long time) {
        int yearMonth = (int) (time >> 22);
        return RawCell.yearMonthDay(yearMonth / 13, yearMonth % 13, (int) (time >> 17) & 31);
    }

    /** Puts the text together; what is between values is the same everywhere. */
    private static final class Writer implements JsonFormatter {
        private final StringBuilder text = new StringBuilder();
        private final ArrayDeque<Character> ends = new ArrayDeque<>();

        @Override
        public void beginObject(int size) {
            text.append('{');
            ends.push('}');
        }

        @Override
        public void beginArray(int size) {
            text.append('[');
            ends.push(']');
        }

        @Override
        public void endObject() {
            text.append(ends.pop().charValue());
        }

        @Override
        public void endArray() {
            text.append(ends.pop().charValue());
        }

        @Override
        public void name(String name) {
            string(name);
            text.append(": ");
        }

        @Override
        public void nextEntry() {
            text.append(", ");
        }

        @Override
        public void value(String value) {
            string(value);
        }

        @Override
        public void value(int value) {
            text.append(value);
        }

        @Override
        public void value(long value) {
            text.append(value);
        }

        @Override
        public void value(double value) {
            text.append(DoubleText.of(value));
        }

        @Override
        public void value(BigInteger value) {
            text.append(value);
        }

        @Override
        public void value(BigDecimal value) {
            text.append(value.toPlainString());
        }

        @Override
        public void value(boolean value) {
            text.append(value);
        }

        @Override
        public void valueNull() {
            text.append("null");
        }

        @Override
        public void valueYear(int year) {
            text.append(year);
        }

        @Override
        public void valueOpaque(ColumnType type, byte[] value) {
            string("base64:type" + type.getCode() + ":" + Base64.getEncoder().encodeToString(value));
        }

        @Override
        public void valueDate(int year, int month, int day) {
            throw readHere();
        }

        @Override
        public void valueDatetime(int year, int month, int day, int hour, int minute, int second, int micros) {
            throw readHere();
        }

        @Override
        public void valueTime(int hour, int minute, int second, int micros) {
            throw readHere();
        }

        @Override
        public void valueTimestamp(long second, int micros) {
            throw readHere();
        }

        private static IllegalStateException readHere() {
            return new IllegalStateException("times are read without the library");
        }

        private void string(String value) {
            text.append('"');
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                switch (c) {
                    case '"' -> text.append("\\\"");
                    case '\\' -> text.append("\\\\");
                    case '\b' -> text.append("\\b");
                    case '\f' -> text.append("\\f");
                    case '\n' -> text.append("\\n");
                    case '\r' -> text.append("\\r");
                    case '\t' -> text.append("\\t");
                    default -> {
                        if (c < ' ') {
                            text.append(String.format("\\u%04x", (int) c));
                        } else {
                            text.append(c);
                        }
                    }
                }
            }
            text.append('"');
        }
    }
}

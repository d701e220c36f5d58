package io.tidemark.mysql;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import java.nio.charset.StandardCharsets;

/** Writes single values of a row, behind their union branch. */
public final class ValueWriter {
    private ValueWriter() {}

    /** A whole number. */
    public static void number(long value, ByteSink target) {
        target.writeByte(RowCodec.VALUE);
        target.writeLong(value);
    }

    /** ASCII text. */
    public static void text(String value, ByteSink target) {
        bytes(value.getBytes(StandardCharsets.UTF_8), target);
    }

    /** Text in UTF-8, or bytes. */
    public static void bytes(byte[] value, ByteSink target) {
        target.writeByte(RowCodec.VALUE);
        target.writeBytes(value);
    }
}

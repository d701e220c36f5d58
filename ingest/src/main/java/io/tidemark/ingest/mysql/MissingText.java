package io.tidemark.ingest.mysql;

import io.tidemark.mysql.ColumnType;
import io.tidemark.mysql.FloatText;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The text of a value in the form in which a column's missing value is kept. */
final class MissingText {
    private MissingText() {}

    static Optional<String> of(ColumnType type, byte @Nullable [] value) {
        if (value == null) {
            return Optional.empty();
        }
        String text = new String(value, StandardCharsets.UTF_8);
        return Optional.of(
                switch (type.family()) {
                    case FLOAT -> FloatText.ofDouble(text);
                    case DOUBLE -> Double.toString(Double.parseDouble(text));
                    case BIT, BYTES -> "\\x" + HexFormat.of().formatHex(value);
                    case INTEGER, TEXT, ENUM, SET, UTF8 -> text;
                });
    }
}

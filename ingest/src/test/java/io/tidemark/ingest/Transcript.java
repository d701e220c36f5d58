package io.tidemark.ingest;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.Op;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what a decoder hands to the change log. Changes that are in the log already are dropped, as the log's writer
 * does it.
 */
public final class Transcript implements ChangeSink {
    /** How a value is written that an update left out. */
    public static final String UNCHANGED = "~";

    /** Something between the beginning and the end of a transaction. */
    public sealed interface Entry {}

    /**
     * A change; values are texts of the source, NULL is {@code \\N}.
     *
     * @param key in hexadecimal
     * @param movedFrom in hexadecimal, empty if the key stayed
     * @param before empty if it is not told
     * @param after empty if there is none
     */
    public record Change(
            Op op, CollectionName collection, String key, String movedFrom, List<String> before, List<String> after)
            implements Entry {}

    /** Something else. */
    public record Note(String text) implements Entry {}

    /**
     * A transaction that was committed.
     *
     * @param schema that came into force last in it or before it, if any did
     */
    public record Transaction(
            String id, String coordinate, String resume, List<Entry> entries, Optional<SourceSchema> schema) {
        /** Its changes. */
        public List<Change> changes() {
            return entries.stream()
                    .filter(Change.class::isInstance)
                    .map(Change.class::cast)
                    .toList();
        }
    }

    private final List<RowSchema> registered = new ArrayList<>();
    private final List<Transaction> transactions = new ArrayList<>();
    private final List<Entry> open = new ArrayList<>();
    private @Nullable TransactionStart start;
    private Optional<SourceSchema> latest = Optional.empty();
    private long skip;

    /** The transactions so far. */
    public List<Transaction> transactions() {
        return transactions;
    }

    /** All changes of transactions that were committed. */
    public List<Change> changes() {
        return transactions.stream()
                .flatMap(transaction -> transaction.changes().stream())
                .toList();
    }

    /** All that is no change. */
    public List<String> notes() {
        return transactions.stream()
                .flatMap(transaction -> transaction.entries().stream())
                .filter(Note.class::isInstance)
                .map(entry -> ((Note) entry).text())
                .toList();
    }

    @Override
    public int register(RowSchema schema) {
        registered.add(schema);
        return registered.size() - 1;
    }

    @Override
    public CopyWriter copyWriter() {
        throw new UnsupportedOperationException("a stream copies nothing");
    }

    @Override
    public void schema(SourceSchema schema) {
        latest = Optional.of(schema);
        open.add(new Note("schema "
                + schema.collections().stream()
                        .map(rows -> rows.collection()
                                + rows.columns().stream()
                                        .map(Column::name)
                                        .toList()
                                        .toString())
                        .sorted()
                        .toList()));
    }

    @Override
    public void begin(TransactionStart transaction, long alreadyThere) {
        start = transaction;
        skip = alreadyThere;
    }

    @Override
    public void skipNoMore() {
        skip = 0;
    }

    @Override
    public void change(
            Op op,
            int schemaId,
            ByteSink key,
            @Nullable ByteSink movedFrom,
            @Nullable ByteSink before,
            @Nullable ByteSink after) {
        if (skip > 0) {
            skip--;
            return;
        }
        RowSchema rows = registered.get(schemaId);
        open.add(new Change(
                op,
                rows.collection(),
                hex(key),
                movedFrom == null ? "" : hex(movedFrom),
                before == null ? List.of() : values(rows, before),
                after == null ? List.of() : values(rows, after)));
    }

    private static String hex(ByteSink bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private static List<String> values(RowSchema rows, ByteSink row) {
        RowCodec codec = new RowCodec(rows);
        ByteCursor cursor = new ByteCursor();
        cursor.reset(row.array(), 0, row.length());
        List<String> values = new ArrayList<>();
        for (int i = 0; i < rows.columns().size(); i++) {
            int branch = cursor.readByte();
            if (branch == RowCodec.NULL) {
                values.add("\\N");
            } else if (branch == RowCodec.UNCHANGED) {
                values.add(UNCHANGED);
            } else {
                ByteSink value = new ByteSink(64);
                codec.readText(i, cursor, value);
                values.add(new String(value.toByteArray(), StandardCharsets.UTF_8));
            }
        }
        return values;
    }

    @Override
    public void heartbeat() {
        open.add(new Note("heartbeat"));
    }

    @Override
    public void seal(String id) {
        open.add(new Note("seal " + id));
    }

    @Override
    public void commit(String resume) {
        TransactionStart transaction = Objects.requireNonNull(start, "a commit without a beginning");
        transactions.add(
                new Transaction(transaction.id(), transaction.coordinate(), resume, List.copyOf(open), latest));
        open.clear();
        start = null;
    }

    @Override
    public void endCopy(TransactionStart copy, String resume) {
        throw new UnsupportedOperationException("a stream copies nothing");
    }
}

package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.ingest.ResumePoint;
import io.tidemark.ingest.Transcript;
import io.tidemark.ingest.Transcript.Change;
import io.tidemark.ingest.Transcript.Transaction;
import io.tidemark.ingest.mysql.RecordedLog.State;
import io.tidemark.ingest.mysql.RecordedLog.Workload;
import io.tidemark.model.SourceSchema;
import io.tidemark.testbed.sql.SqlProduct;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the tables of a stream follow the statements of the schema that servers of MariaDB and MySQL logged. */
class StreamTablesTest {

    /**
     * Decodes to the end.
     *
     * @param schema that is known where decoding begins
     * @param states what the server is like when it is asked for the n-th time
     */
    private static List<Transaction> decode(
            SqlProduct product, RecordedLog recorded, SourceSchema schema, ResumePoint point, IntFunction<State> states)
            throws IOException {
        Transcript transcript = new Transcript();
        StreamTables tables = recorded.tables(product, schema, transcript, states);
        BinlogDecoder decoder = new BinlogDecoder(transcript, tables, point, 1 << 20);
        recorded.events().forEach(event -> {
            decoder.decode(event);
            if (decoder.unsettled().isPresent()) {
                // The log goes on, so its next statement may be in the server's texts.
                tables.settle(true);
                decoder.commitSettled();
            }
        });
        return transcript.transactions();
    }

    /** The server is asked when it has done no more than the statement. */
    private static IntFunction<State> inStep(RecordedLog recorded) {
        return asked -> recorded.states().get(asked);
    }

    /** All was done before the log is read. */
    private static IntFunction<State> further(RecordedLog recorded) {
        return asked -> recorded.states().get(recorded.states().size() - 1);
    }

    /** The schemas that came into force, one after another. */
    private static List<SourceSchema> schemas(List<Transaction> transactions) {
        List<SourceSchema> schemas = new ArrayList<>();
        for (Transaction transaction : transactions) {
            transaction
                    .schema()
                    .filter(schema -> schemas.isEmpty() || schemas.get(schemas.size() - 1) != schema)
                    .ifPresent(schemas::add);
        }
        return schemas;
    }

    /** Names and types of the columns of each table, and its key. */
    private static Map<String, String> looks(SourceSchema schema) {
        Map<String, String> looks = new TreeMap<>();
        schema.collections().forEach(rows -> {
            List<String> columns = rows.columns().stream()
                    .map(column -> column.name() + " " + column.type())
                    .toList();
            looks.put(rows.collection().name(), columns + " key " + rows.key());
        });
        return looks;
    }

    /** States behind statements that change the schema; a truncation does not. */
    private static List<SourceSchema> expected(RecordedLog recorded) {
        List<SourceSchema> expected = new ArrayList<>();
        for (State state : recorded.states()) {
            SourceSchema last = expected.isEmpty() ? recorded.schema() : expected.get(expected.size() - 1);
            if (!looks(state.schema()).equals(looks(last))
                    || !state.schema().statements().equals(last.statements())) {
                expected.add(state.schema());
            }
        }
        return expected;
    }

    private static List<Change> changes(List<Transaction> transactions) {
        return transactions.stream()
                .flatMap(transaction -> transaction.changes().stream())
                .toList();
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void everySchemaIsTheServersIfItCanBeAskedInTime(SqlProduct product) throws IOException {
        RecordedLog recorded = RecordedLog.load(product, Workload.SCHEMA);

        List<SourceSchema> followed =
                schemas(decode(product, recorded, recorded.schema(), RecordedLog.beginning(), inStep(recorded)));

        assertThat(followed)
                .extracting(StreamTablesTest::looks)
                .isEqualTo(
                        expected(recorded).stream().map(StreamTablesTest::looks).toList());
        assertThat(followed)
                .extracting(SourceSchema::statements)
                .isEqualTo(expected(recorded).stream()
                        .map(SourceSchema::statements)
                        .toList());
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void everyTableIsFollowedThoughTheServerIsFurther(SqlProduct product) throws IOException {
        RecordedLog recorded = RecordedLog.load(product, Workload.SCHEMA);

        List<Transaction> transactions =
                decode(product, recorded, recorded.schema(), RecordedLog.beginning(), further(recorded));
        List<SourceSchema> followed = schemas(transactions);

        assertThat(followed)
                .extracting(StreamTablesTest::looks)
                .isEqualTo(
                        expected(recorded).stream().map(StreamTablesTest::looks).toList());
        assertThat(followed.get(0).statements())
                .as("texts behind the first statement")
                .anyMatch(statement -> statement.text().contains("CREATE TABLE later (id int PRIMARY KEY"));
        assertThat(followed.get(followed.size() - 1).statements())
                .as("texts behind the last statement")
                .isEqualTo(recorded.states()
                        .get(recorded.states().size() - 1)
                        .schema()
                        .statements());
        assertThat(changes(transactions))
                .isEqualTo(changes(
                        decode(product, recorded, recorded.schema(), RecordedLog.beginning(), inStep(recorded))));
    }

    /** Tables look the same behind the next statement, which the server's texts show already. */
    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void textsOfALaterStatementAreNotTaken(SqlProduct product) throws IOException {
        RecordedLog recorded = RecordedLog.load(product, Workload.SCHEMA);
        List<State> states = recorded.states();
        State last = states.get(states.size() - 1);
        IntFunction<State> oneFurther = asked -> {
            State now = states.get(asked);
            State next = states.get(Math.min(asked + 1, states.size() - 1));
            return looks(next.schema()).equals(looks(now.schema())) ? new State(last.end(), next.schema()) : now;
        };

        List<SourceSchema> followed =
                schemas(decode(product, recorded, recorded.schema(), RecordedLog.beginning(), oneFurther));

        SourceSchema withIndex = followed.get(withIndex(expected(recorded)));
        assertThat(withIndex.statements())
                .anyMatch(statement -> statement.text().contains("by_v"))
                .noneMatch(statement -> statement.text().contains("VIEW"));
    }

    /** Which of the schemas is the first with the index, behind whose statement a view is made. */
    private static int withIndex(List<SourceSchema> schemas) {
        return schemas.stream()
                .map(schema -> schema.statements().stream()
                        .anyMatch(statement -> statement.text().contains("by_v")))
                .toList()
                .indexOf(true);
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void rowsAreReadAsTheirTableLookedThen(SqlProduct product) throws IOException {
        RecordedLog recorded = RecordedLog.load(product, Workload.SCHEMA);

        List<List<String>> rows =
                changes(decode(product, recorded, recorded.schema(), RecordedLog.beginning(), further(recorded)))
                        .stream()
                        .map(Change::after)
                        .filter(after -> !after.isEmpty())
                        .toList();

        assertThat(rows)
                .containsExactly(
                        List.of("1", "one", "x"),
                        List.of("2", "two", "y"),
                        List.of("1", "same"),
                        List.of("1", "2024-01-01 00:00:00.500"),
                        List.of("1", "one", "x", "n"),
                        List.of("5", "4", "four", "\\N", "\\N"),
                        List.of("5", "4", "four", "r"),
                        List.of("5", "\\x65", "5.000"),
                        List.of("8", "after"),
                        List.of("x"));
    }

    /** Wherever the change log ends, what follows is exactly the rest. */
    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void decodingGoesOnBehindEveryTransaction(SqlProduct product) throws IOException {
        RecordedLog recorded = RecordedLog.load(product, Workload.SCHEMA);
        List<Transaction> all =
                decode(product, recorded, recorded.schema(), RecordedLog.beginning(), further(recorded));
        for (int i = 0; i < all.size(); i++) {
            Transaction last = all.get(i);
            ResumePoint point = new ResumePoint(
                    0, last.coordinate(), last.resume(), last.changes().size(), true);

            List<Transaction> rest =
                    decode(product, recorded, last.schema().orElse(recorded.schema()), point, further(recorded));

            assertThat(changes(rest)).as("behind transaction %d", i).isEqualTo(changes(all.subList(i + 1, all.size())));
            assertThat(rest)
                    .extracting(Transaction::coordinate)
                    .as("behind transaction %d", i)
                    .isEqualTo(all.subList(i + 1, all.size()).stream()
                            .map(Transaction::coordinate)
                            .toList());
        }
    }
}

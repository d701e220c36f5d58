package io.tidemark.ingest.mysql;

import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.testbed.sql.SqlProduct;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/** What a recorded server says of itself, as {@link ServerFacts} does of one that can be asked. */
final class RecordedFacts implements ServerFacts {
    /** What rows from before hold in new columns that have a default. */
    private static final Map<String, String> DEFAULTS = Map.of("points", "5");

    private final SqlProduct product;
    private final RecordedLog recorded;
    private final IntFunction<RecordedLog.State> states;
    private int asked;

    /**
     * @param states what the server is like when it is asked for the n-th time, from 0
     */
    RecordedFacts(SqlProduct product, RecordedLog recorded, IntFunction<RecordedLog.State> states) {
        this.product = product;
        this.recorded = recorded;
        this.states = states;
    }

    @Override
    public LogCharsets charsets() {
        return new LogCharsets(recorded.charsets());
    }

    @Override
    public void addForeignKeys(FollowingKeys known) {
        // The tables have none.
    }

    @Override
    public ServerSchema schema(String statement) {
        return new Recorded(states.apply(asked++));
    }

    private final class Recorded implements ServerSchema {
        private final RecordedLog.State state;

        Recorded(RecordedLog.State state) {
            this.state = state;
        }

        @Override
        public Map<String, TableShape> shapes(String idPrefix) {
            Map<String, TableShape> shapes = new HashMap<>();
            SchemaReader.shapes(state.schema()).forEach((table, shape) -> {
                RowSchema rows = shape.rows();
                shapes.put(
                        table,
                        new TableShape(
                                new RowSchema(idPrefix + "/" + table, rows.collection(), rows.columns(), rows.key()),
                                shape.generated()));
            });
            return shapes;
        }

        @Override
        public SourceSchema schema(Map<String, TableShape> shapes) {
            return SchemaReader.schema(
                    RecordedLog.dialect(product),
                    state.schema().version(),
                    state.schema().statements(),
                    shapes);
        }

        @Override
        public void addForeignKeys(FollowingKeys known) {
            RecordedFacts.this.addForeignKeys(known);
        }

        @Override
        public BinlogPlace endOfLog() {
            return state.end();
        }

        @Override
        public MissingValue of(String table, String column, String type, boolean nullable) {
            return new MissingValue.Known(Optional.ofNullable(DEFAULTS.get(column)));
        }

        @Override
        public void close() {}
    }
}

package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.ColumnType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Rows are numbers here, their keys what is left of them by ten; where there is no key, the rows themselves. */
class RowsBeforeTest {
    private static RowSchema schema(boolean keyed) {
        ColumnType type = ColumnType.parse("int");
        Column column = new Column(1, "a", type.canonical(), type.encoding());
        return new RowSchema("t", new CollectionName("shop", "t"), List.of(column), keyed ? List.of(0) : List.of());
    }

    private static ByteSink bytes(int value) {
        ByteSink sink = new ByteSink(8);
        sink.write(Integer.toString(value).getBytes(StandardCharsets.US_ASCII));
        return sink;
    }

    private static int value(ByteSink bytes) {
        return Integer.parseInt(new String(bytes.array(), 0, bytes.length(), StandardCharsets.US_ASCII));
    }

    @Property(tries = 500)
    void whatWasThereBeforeComesBack(@ForAll boolean keyed, @ForAll long seed) {
        Random random = new Random(seed);
        Table table = new Table(keyed);
        for (int i = 0; i < 20; i++) {
            table.insert(random.nextInt(60));
        }
        List<Integer> before = table.rows();
        RowsBefore rows = new RowsBefore(schema(keyed), Long.MAX_VALUE);
        for (int i = 0; i < random.nextInt(40); i++) {
            table.change(random, rows);
        }

        List<Integer> again = new ArrayList<>();
        table.rows().stream().filter(row -> rows.stood(bytes(table.key(row)))).forEach(again::add);
        ByteSink key = new ByteSink(8);
        ByteSink row = new ByteSink(8);
        while (rows.next(key, row)) {
            assertThat(value(key)).isEqualTo(table.key(value(row)));
            again.add(value(row));
        }

        assertThat(again).containsExactlyInAnyOrderElementsOf(before);
    }

    /** A table as a plain map: how often each row is there. */
    private static final class Table {
        private final boolean keyed;
        private final TreeMap<Integer, Integer> counts = new TreeMap<>();

        Table(boolean keyed) {
            this.keyed = keyed;
        }

        int key(int row) {
            return keyed ? row % 10 : row;
        }

        List<Integer> rows() {
            List<Integer> rows = new ArrayList<>();
            counts.forEach((row, count) -> {
                for (int i = 0; i < count; i++) {
                    rows.add(row);
                }
            });
            return rows;
        }

        boolean insert(int row) {
            if (keyed && counts.keySet().stream().anyMatch(other -> key(other) == key(row))) {
                return false;
            }
            counts.merge(row, 1, Integer::sum);
            return true;
        }

        int delete(Random random) {
            List<Integer> rows = rows();
            int row = rows.get(random.nextInt(rows.size()));
            counts.computeIfPresent(row, (r, count) -> count == 1 ? null : count - 1);
            return row;
        }

        /** An insertion, a deletion, or an update as one of each. */
        void change(Random random, RowsBefore rows) {
            int kind = random.nextInt(3);
            if (kind != 0 && !counts.isEmpty()) {
                int row = delete(random);
                rows.removed(bytes(key(row)), bytes(row));
            }
            int row = random.nextInt(60);
            if (kind != 1 && insert(row)) {
                rows.added(bytes(key(row)));
            }
        }
    }

    @Test
    void rowsThatWereBroughtAndNotReadAreMissed() {
        RowsBefore rows = new RowsBefore(schema(false), Long.MAX_VALUE);
        rows.added(bytes(1));

        assertThatThrownBy(() -> rows.next(new ByteSink(8), new ByteSink(8)))
                .isInstanceOfSatisfying(
                        TidemarkException.class,
                        e -> assertThat(e.kind()).isEqualTo(TidemarkException.Kind.STREAM_LOST));
    }

    @Test
    void memoryHasABound() {
        RowsBefore rows = new RowsBefore(schema(true), 1_000);

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        rows.removed(bytes(i), bytes(i));
                    }
                })
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("so many of its rows changed");
    }
}

package io.tidemark.restorer.plan;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.Encoding;
import io.tidemark.model.Json;
import io.tidemark.model.Op;
import io.tidemark.model.Position;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.Spool;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.section.Place;
import io.tidemark.repository.section.SectionFileWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

/**
 * A source that is a map: random transactions over one table, written as segments the way the archiver does, and remembered
 * state by state.
 */
final class ModelSource {
    static final String NAME = "shop";
    private static final RowSchema ROWS = new RowSchema(
            "16384",
            new CollectionName("public", "t"),
            List.of(
                    new Column(1, "id", "int", Encoding.INT),
                    new Column(2, "small", "text", Encoding.TEXT),
                    new Column(3, "large", "text", Encoding.TEXT)),
            List.of(0));

    /** What the table held at the end of a transaction. */
    record State(TransactionEnd end, long latestMicros, TreeMap<Integer, String> rows) {}

    private record Change(Op op, int key, int movedFrom, String small, String large) {}

    private record Placed(Place place, Change change) {}

    private final Random random;
    private final Repository repository;
    private final List<Catalog> catalogs;
    private final Path spools;
    private final RowCodec codec = new RowCodec(ROWS);
    private final RowKey keys = new RowKey(ROWS);
    private final List<State> states = new ArrayList<>();
    private final TreeMap<Integer, String[]> table = new TreeMap<>();
    private int epoch = -1;
    private long offset;
    private long clockMicros = 1_700_000_000_000_000L;
    private long latestMicros = Long.MIN_VALUE;
    private int transactions;

    ModelSource(Random random, Repository repository, List<Catalog> catalogs, Path spools) {
        this.random = random;
        this.repository = repository;
        this.catalogs = catalogs;
        this.spools = spools;
    }

    /** Everything that was ever restorable, in order. */
    List<State> states() {
        return states;
    }

    long nowMicros() {
        return clockMicros;
    }

    /** Lets time go by. */
    void pass(long seconds) {
        clockMicros += seconds * 1_000_000;
    }

    /** Begins an epoch: a copy of the table as it is. */
    void beginEpoch() throws IOException {
        epoch++;
        latestMicros = Long.MIN_VALUE;
        long after = offset - 1;
        List<Placed> changes = new ArrayList<>();
        int index = 0;
        for (var row : table.entrySet()) {
            changes.add(new Placed(
                    new Place(offset, index++),
                    new Change(Op.READ, row.getKey(), -1, row.getValue()[0], row.getValue()[1])));
        }
        TransactionEnd end = end();
        byte[] json = Json.bytes(new SourceSchema("postgresql", "18", List.of(), List.of(ROWS)));
        Position at = new Position(epoch, after + 1);
        ObjectRef schema =
                TransientFailures.outlast(() -> repository.put(tag -> RepositoryLayout.schema(NAME, at, tag), json));
        write(
                after,
                changes,
                List.of(end),
                Optional.of(end),
                List.of(
                        new CatalogEntry.SourceAdded(NAME, "postgresql"),
                        new CatalogEntry.EpochBegun(NAME, epoch, "test"),
                        new CatalogEntry.SchemaAdded(NAME, at, schema)));
    }

    /** Archives a segment of some transactions, or a stretch without changes. */
    void segment() throws IOException {
        long after = offset - 1;
        List<Placed> changes = new ArrayList<>();
        List<TransactionEnd> ends = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        boolean idle = random.nextInt(4) == 0;
        for (int i = 0; i < count; i++) {
            if (!idle) {
                int steps = random.nextInt(5);
                for (int index = 0; index < steps; index++) {
                    Place place = new Place(offset, changes.size());
                    step().forEach(change -> changes.add(new Placed(place(place, changes), change)));
                }
            }
            ends.add(end());
            offset += random.nextInt(2);
        }
        write(after, changes, ends, Optional.empty(), List.of());
    }

    private static Place place(Place first, List<Placed> changes) {
        return new Place(first.offset(), changes.size());
    }

    private TransactionEnd end() {
        // Commit times are not monotonic in log order.
        clockMicros += random.nextInt(5_000_000);
        long committed = clockMicros - random.nextInt(3_000_000);
        TransactionEnd end =
                new TransactionEnd(new Position(epoch, offset), committed, "tx" + transactions++, "0/" + offset);
        latestMicros = Math.max(latestMicros, committed);
        TreeMap<Integer, String> rows = new TreeMap<>();
        table.forEach((key, row) -> rows.put(key, row[0] + "/" + row[1]));
        states.add(new State(end, latestMicros, rows));
        offset++;
        return end;
    }

    private List<Change> step() {
        int key = random.nextInt(60);
        String small = "s" + random.nextInt(1000);
        String[] old = table.get(key);
        int kind = random.nextInt(40);
        if (kind == 0) {
            table.clear();
            return List.of(new Change(Op.TRUNCATE, 0, -1, "", ""));
        }
        if (old == null) {
            table.put(key, new String[] {small, "l" + random.nextInt()});
            return List.of(new Change(Op.INSERT, key, -1, small, table.get(key)[1]));
        }
        if (kind < 15) {
            table.put(key, new String[] {small, old[1]});
            return List.of(new Change(Op.PATCH, key, -1, small, ""));
        }
        int to = random.nextInt(60);
        if (kind < 25 && !table.containsKey(to)) {
            table.remove(key);
            table.put(to, new String[] {small, old[1]});
            return List.of(new Change(Op.DELETE, key, -1, "", ""), new Change(Op.PATCH, to, key, small, ""));
        }
        table.remove(key);
        return List.of(new Change(Op.DELETE, key, -1, "", ""));
    }

    private void write(
            long after,
            List<Placed> changes,
            List<TransactionEnd> ends,
            Optional<TransactionEnd> copyEnd,
            List<CatalogEntry> first)
            throws IOException {
        Stretch stretch = new Stretch(
                epoch,
                after,
                offset - 1,
                100,
                changes.size(),
                ends.size(),
                extreme(ends, true),
                extreme(ends, false),
                Optional.of(ends.get(ends.size() - 1)),
                copyEnd);
        TransientFailures.outlast(() -> archive(stretch, changes, ends, copyEnd, first));
    }

    /** As an archiver does it: objects, then the commit; done again after a failure, whatever came of it. */
    private void archive(
            Stretch stretch,
            List<Placed> changes,
            List<TransactionEnd> ends,
            Optional<TransactionEnd> copyEnd,
            List<CatalogEntry> first)
            throws IOException {
        List<CatalogEntry> entries = new ArrayList<>(first);
        if (changes.isEmpty() && copyEnd.isEmpty() && ends.size() == 1) {
            entries.add(new CatalogEntry.HorizonMoved(NAME, stretch));
        } else {
            try (Spool spool = Spool.create(spools)) {
                SectionFileWriter writer = new SectionFileWriter(spool.out());
                writeSection(writer, changes);
                try (SectionFileWriter.TransactionWriter transactionWriter = writer.transactions()) {
                    for (TransactionEnd end : ends) {
                        transactionWriter.add(end);
                    }
                }
                writer.finish(NAME, epoch, stretch.after(), stretch.through());
                ObjectRef object = repository.put(tag -> RepositoryLayout.segment(NAME, stretch, tag), spool);
                entries.add(new CatalogEntry.SegmentAdded(NAME, stretch, object));
            }
        }
        Catalog committing = catalogs.get(random.nextInt(catalogs.size()));
        committing.commit(newest -> newest.knows(NAME) && newest.history(NAME).holds(stretch) ? List.of() : entries);
    }

    private static OptionalLong extreme(List<TransactionEnd> ends, boolean least) {
        var times = ends.stream().mapToLong(TransactionEnd::committedAtMicros);
        return least ? times.min() : times.max();
    }

    private void writeSection(SectionFileWriter writer, List<Placed> changes) throws IOException {
        if (changes.isEmpty()) {
            return;
        }
        List<Place> truncations = changes.stream()
                .filter(c -> c.change().op() == Op.TRUNCATE)
                .map(Placed::place)
                .toList();
        try (SectionFileWriter.SectionWriter section = writer.section(ROWS, truncations)) {
            List<Placed> sorted = changes.stream()
                    .filter(c -> c.change().op() != Op.TRUNCATE)
                    .sorted(Comparator.<Placed, byte[]>comparing(
                                    c -> key(c.change().key()), Arrays::compareUnsigned)
                            .thenComparing(Placed::place))
                    .toList();
            for (Placed placed : sorted) {
                Change change = placed.change();
                byte[] key = key(change.key());
                section.begin(
                        key,
                        0,
                        key.length,
                        placed.place().offset(),
                        placed.place().index(),
                        change.op());
                byte[] from = change.movedFrom() < 0 ? new byte[0] : key(change.movedFrom());
                section.movedFrom(from, 0, change.movedFrom() < 0 ? -1 : from.length);
                section.row(key, 0, -1);
                ByteSink row = row(change);
                section.row(row.array(), 0, change.op() == Op.DELETE ? -1 : row.length());
                section.end();
            }
        }
    }

    private byte[] key(int id) {
        ByteSink key = new ByteSink(8);
        ByteSink row = row(new Change(Op.INSERT, id, -1, "", ""));
        keys.of(row.array(), 0, row.length(), key);
        return key.toByteArray();
    }

    private ByteSink row(Change change) {
        ByteSink bytes = new ByteSink(32);
        write(0, Integer.toString(change.key()), bytes);
        write(1, change.small(), bytes);
        if (change.op() == Op.PATCH) {
            bytes.writeByte(RowCodec.UNCHANGED);
        } else {
            write(2, change.large(), bytes);
        }
        return bytes;
    }

    private void write(int column, String text, ByteSink target) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        codec.writeText(column, bytes, 0, bytes.length, target);
    }

    /** Reads a row back. */
    static void read(ByteSink row, TreeMap<Integer, String> rows) {
        ByteCursor cursor = new ByteCursor();
        cursor.reset(row.array(), 0, row.length());
        cursor.readByte();
        int id = cursor.readInt();
        cursor.readByte();
        String small = cursor.readString();
        cursor.readByte();
        rows.put(id, small + "/" + cursor.readString());
    }
}

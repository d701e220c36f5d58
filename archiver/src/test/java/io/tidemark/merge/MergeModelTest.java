package io.tidemark.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.Encoding;
import io.tidemark.model.Op;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import io.tidemark.repository.Spool;
import io.tidemark.repository.section.Place;
import io.tidemark.repository.section.SectionFile;
import io.tidemark.repository.section.SectionFileWriter;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.testbed.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The merge against a plain map: random inserts, updates, updates that leave a column out, moves of keys with and without
 * that, deletes and truncations, spread over random segments, folded to a random offset. jqwik prints the seed.
 */
class MergeModelTest {
    private static final RowSchema SCHEMA = new RowSchema(
            "t",
            new CollectionName("public", "t"),
            List.of(
                    new Column(1, "id", "int", Encoding.INT),
                    new Column(2, "small", "text", Encoding.TEXT),
                    new Column(3, "large", "text", Encoding.TEXT)),
            List.of(0));

    private record Row(String small, String large) {}

    private record Change(long offset, int index, Op op, int key, int movedFrom, Row row) {}

    private final RowCodec codec = new RowCodec(SCHEMA);
    private final RowKey keys = new RowKey(SCHEMA);

    @Property(tries = 150)
    void mergingEqualsReplayingAtEveryOffset(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 90) int segments,
            @ForAll @IntRange(max = 400) int steps)
            throws IOException {
        Random random = new Random(seed);
        TreeMap<Integer, Row> model = new TreeMap<>();
        List<Change> changes = new ArrayList<>();
        Map<Long, TreeMap<Integer, Row>> states = new TreeMap<>();
        states.put(-1L, new TreeMap<>());
        for (long offset = 0; offset < steps; offset++) {
            step(random, model, changes, offset * 3);
            states.put(offset * 3, new TreeMap<>(model));
        }
        long target = steps == 0 ? -1 : random.nextInt(steps) * 3L;
        Path directory = Directories.create("merge");
        try {
            List<MergeInput> inputs = write(changes, segments, steps * 3L, directory);

            assertThat(merge(inputs, target, directory)).isEqualTo(states.get(target));
        } finally {
            Directories.delete(directory);
        }
    }

    private static void step(Random random, TreeMap<Integer, Row> model, List<Change> changes, long offset) {
        int key = random.nextInt(12);
        Row row = new Row("s" + random.nextInt(), "l" + random.nextInt());
        Row old = model.get(key);
        int kind = random.nextInt(20);
        if (old == null) {
            model.put(key, row);
            changes.add(new Change(offset, 0, Op.INSERT, key, -1, row));
        } else if (kind < 6) {
            model.put(key, row);
            changes.add(new Change(offset, 0, Op.UPDATE, key, -1, row));
        } else if (kind < 11) {
            model.put(key, new Row(row.small(), old.large()));
            changes.add(new Change(offset, 0, Op.PATCH, key, -1, new Row(row.small(), "")));
        } else if (kind < 14) {
            model.remove(key);
            changes.add(new Change(offset, 0, Op.DELETE, key, -1, row));
        } else if (kind < 19) {
            int to = 100 + random.nextInt(12);
            if (!model.containsKey(to)) {
                move(random, model, changes, offset, key, to, row, old);
            }
        } else if (random.nextInt(5) == 0) {
            model.clear();
            changes.add(new Change(offset, 0, Op.TRUNCATE, 0, -1, row));
        }
        if (!model.isEmpty() && model.lastKey() >= 100 && random.nextInt(3) == 0) {
            int from = model.lastKey();
            int to = from - 100;
            if (!model.containsKey(to)) {
                move(random, model, changes, offset + 1, from, to, row, model.get(from));
            }
        }
    }

    private static void move(
            Random random,
            TreeMap<Integer, Row> model,
            List<Change> changes,
            long offset,
            int from,
            int to,
            Row row,
            Row old) {
        model.remove(from);
        boolean partial = random.nextInt(4) > 0;
        // The deletion may stand in the batch before.
        boolean split = random.nextBoolean();
        changes.add(new Change(offset, 0, Op.DELETE, from, -1, row));
        model.put(to, partial ? new Row(row.small(), old.large()) : row);
        changes.add(new Change(
                offset + (split ? 1 : 0),
                split ? 0 : 1,
                partial ? Op.PATCH : Op.UPDATE,
                to,
                from,
                partial ? new Row(row.small(), "") : row));
    }

    private List<MergeInput> write(List<Change> changes, int segments, long end, Path directory) throws IOException {
        List<MergeInput> inputs = new ArrayList<>();
        long size = Math.max(3, (end / segments + 3) / 3 * 3);
        for (long after = -1; after < end; after += size) {
            long from = after;
            List<Change> part = changes.stream()
                    .filter(c -> c.offset() > from && c.offset() <= from + size)
                    .toList();
            if (!part.isEmpty()) {
                inputs.add(write(part, after, after + size, directory));
            }
        }
        return inputs;
    }

    private MergeInput write(List<Change> part, long after, long through, Path directory) throws IOException {
        Spool spool = Spool.create(directory);
        SectionFileWriter writer = new SectionFileWriter(spool.out());
        List<Place> truncations = part.stream()
                .filter(c -> c.op() == Op.TRUNCATE)
                .map(c -> new Place(c.offset(), c.index()))
                .toList();
        try (SectionFileWriter.SectionWriter section = writer.section(SCHEMA, truncations)) {
            List<Change> sorted = part.stream()
                    .filter(c -> c.op() != Op.TRUNCATE)
                    .sorted(Comparator.<Change, byte[]>comparing(c -> key(c.key()), Arrays::compareUnsigned)
                            .thenComparing(c -> new Place(c.offset(), c.index())))
                    .toList();
            for (Change change : sorted) {
                byte[] key = key(change.key());
                section.begin(key, 0, key.length, change.offset(), change.index(), change.op());
                boolean moved = change.movedFrom() >= 0;
                byte[] from = moved ? key(change.movedFrom()) : new byte[0];
                section.movedFrom(from, 0, moved ? from.length : -1);
                section.row(key, 0, -1);
                ByteSink row = row(change.key(), change.row(), change.op() == Op.PATCH);
                section.row(row.array(), 0, change.op() == Op.DELETE ? -1 : row.length());
                section.end();
            }
        }
        writer.finish("test", 0, after, through);
        spool.finish();
        ObjectName name = new ObjectName(String.valueOf(spool.file().getFileName()));
        SectionFile file = SectionFile.open(name.text(), () -> {
            try {
                return new FileObjectStore(directory).open(name).orElseThrow();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(file.verify()).isEqualTo(part.size() - truncations.size());
        return MergeInput.of(file, file.footer().sections().get(0), -1);
    }

    private TreeMap<Integer, Row> merge(List<MergeInput> inputs, long through, Path directory) throws IOException {
        TreeMap<Integer, Row> result = new TreeMap<>();
        try (FanIn fanIn = FanIn.reduce(Optional.empty(), inputs, directory)) {
            new ChangeMerger(SCHEMA, fanIn.inputs(), through + 2).merge((key, row, offset, index, count) -> {
                io.tidemark.model.ByteCursor cursor = new io.tidemark.model.ByteCursor();
                cursor.reset(row.array(), 0, row.length());
                cursor.readByte();
                int id = cursor.readInt();
                cursor.readByte();
                String small = cursor.readString();
                cursor.readByte();
                assertThat(count).isEqualTo(1);
                result.put(id, new Row(small, cursor.readString()));
            });
        }
        return result;
    }

    private byte[] key(int id) {
        ByteSink key = new ByteSink(8);
        ByteSink row = row(id, new Row("", ""), false);
        keys.of(row.array(), 0, row.length(), key);
        return key.toByteArray();
    }

    private ByteSink row(int id, Row row, boolean withoutLarge) {
        ByteSink bytes = new ByteSink(32);
        write(0, Integer.toString(id), bytes);
        write(1, row.small(), bytes);
        if (withoutLarge) {
            bytes.writeByte(RowCodec.UNCHANGED);
        } else {
            write(2, row.large(), bytes);
        }
        return bytes;
    }

    private void write(int column, String text, ByteSink target) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        codec.writeText(column, bytes, 0, bytes.length, target);
    }
}

package io.tidemark.archiver;

import io.tidemark.model.Json;
import io.tidemark.model.Op;
import io.tidemark.model.Position;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.section.Footer;
import io.tidemark.repository.section.Place;
import io.tidemark.repository.section.SectionCursor;
import io.tidemark.repository.section.SectionFileWriter;
import io.tidemark.wire.BatchHeader;
import io.tidemark.wire.BatchReader;
import io.tidemark.wire.SchemaRegistry;
import it.unimi.dsi.fastutil.ints.Int2ObjectOpenHashMap;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.ints.IntArrays;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The batches of one stretch, and the section file they become. Batches are kept as they came; changes are a few numbers
 * each, so that the memory needed is that of the stretch, which the planner bounds in bytes and changes. Not
 * thread-safe.
 */
final class SegmentContent {
    /** Where one schema of the source came into force. */
    record SchemaAt(Position at, SourceSchema schema) {}

    private final int epoch;
    private final SchemaRegistry registry;
    private final List<byte[]> batches = new ArrayList<>();
    private final LongArrayList batchOffsets = new LongArrayList();
    /** A registry that lost its data, or another one, gives a schema that it gave an id before another id. */
    private final Int2ObjectOpenHashMap<Group> groupsById = new Int2ObjectOpenHashMap<>();
    /** Ids do not come into it, so that the same stretch becomes the same bytes. */
    private final TreeMap<RowSchema, Group> groups = new TreeMap<>(SectionFileWriter.ORDER);

    private final List<TransactionEnd> ends = new ArrayList<>();
    private final List<SchemaAt> schemas = new ArrayList<>();
    private final BatchReader reader = new BatchReader();
    private Optional<String> reason = Optional.empty();

    SegmentContent(int epoch, SchemaRegistry registry) {
        this.epoch = epoch;
        this.registry = registry;
    }

    /** The changes of one row schema: four numbers and a key prefix each. */
    private static final class Group {
        private final IntArrayList batch = new IntArrayList();
        private final IntArrayList start = new IntArrayList();
        private final IntArrayList index = new IntArrayList();
        private final IntArrayList keyStart = new IntArrayList();
        private final IntArrayList keyLength = new IntArrayList();
        private final LongArrayList keyPrefix = new LongArrayList();
        private final List<Place> truncations = new ArrayList<>();
    }

    /** Why the epoch was begun, if the stretch is its first. */
    Optional<String> reason() {
        return reason;
    }

    /** Takes the next batch of the stretch. */
    void add(long offset, byte[] batch) {
        BatchHeader header = reader.open(batch);
        if (header.endsTransaction()) {
            ends.add(new TransactionEnd(
                    new Position(epoch, offset),
                    header.committedAtMicros(),
                    header.transaction(),
                    header.coordinate()));
        }
        if (header.kind() == BatchHeader.Kind.EPOCH) {
            reason = Optional.of(header.note());
        }
        if (header.kind() == BatchHeader.Kind.SCHEMA) {
            byte[] json = header.note().getBytes(StandardCharsets.UTF_8);
            schemas.add(new SchemaAt(
                    new Position(epoch, offset), Json.read(json, SourceSchema.class, "a schema in the change log")));
        }
        if (header.count() == 0) {
            return;
        }
        batches.add(batch);
        batchOffsets.add(offset);
        for (int index = 0; reader.next(); index++) {
            Group group = groupsById.computeIfAbsent(reader.schemaId(), this::group);
            if (reader.op() == Op.TRUNCATE) {
                group.truncations.add(new Place(offset, index));
            } else {
                addChange(group, index);
            }
        }
    }

    private Group group(int schemaId) {
        return groups.computeIfAbsent(RowSchema.fromAvro(registry.schema(schemaId)), rows -> new Group());
    }

    private void addChange(Group group, int index) {
        group.batch.add(batches.size() - 1);
        group.start.add(reader.start());
        group.index.add(index);
        group.keyStart.add(reader.key().start());
        group.keyLength.add(reader.key().length());
        group.keyPrefix.add(SectionCursor.prefix(
                reader.array(), reader.key().start(), reader.key().length()));
    }

    /** The schemas that came into force in the stretch, in order. */
    List<SchemaAt> schemas() {
        return schemas;
    }

    /** Writes the section file. */
    Footer write(String source, Stretch stretch, OutputStream out) throws IOException {
        SectionFileWriter writer = new SectionFileWriter(out);
        for (Map.Entry<RowSchema, Group> entry : groups.entrySet()) {
            writeSection(writer, entry.getKey(), entry.getValue());
        }
        try (SectionFileWriter.TransactionWriter transactions = writer.transactions()) {
            for (TransactionEnd end : ends) {
                transactions.add(end);
            }
        }
        return writer.finish(source, stretch.epoch(), stretch.after(), stretch.through());
    }

    private void writeSection(SectionFileWriter writer, RowSchema rows, Group group) throws IOException {
        int[] order = new int[group.start.size()];
        Arrays.setAll(order, i -> i);
        // Entries were added in place order, and the sort is stable: equal keys stay in that order.
        IntArrays.mergeSort(order, (a, b) -> compareKeys(group, a, b));
        try (SectionFileWriter.SectionWriter section = writer.section(rows, group.truncations)) {
            for (int entry : order) {
                int batch = group.batch.getInt(entry);
                byte[] bytes = batches.get(batch);
                reader.openAt(bytes, group.start.getInt(entry));
                section.begin(
                        bytes,
                        reader.key().start(),
                        reader.key().length(),
                        batchOffsets.getLong(batch),
                        group.index.getInt(entry),
                        reader.op());
                section.movedFrom(
                        bytes, reader.movedFrom().start(), reader.movedFrom().length());
                section.row(bytes, reader.before().start(), reader.before().length());
                section.row(bytes, reader.after().start(), reader.after().length());
                section.end();
            }
        }
    }

    private int compareKeys(Group group, int a, int b) {
        int byPrefix = Long.compareUnsigned(group.keyPrefix.getLong(a), group.keyPrefix.getLong(b));
        if (byPrefix != 0) {
            return byPrefix;
        }
        byte[] left = batches.get(group.batch.getInt(a));
        byte[] right = batches.get(group.batch.getInt(b));
        int leftStart = group.keyStart.getInt(a);
        int rightStart = group.keyStart.getInt(b);
        return Arrays.compareUnsigned(
                left,
                leftStart,
                leftStart + group.keyLength.getInt(a),
                right,
                rightStart,
                rightStart + group.keyLength.getInt(b));
    }
}

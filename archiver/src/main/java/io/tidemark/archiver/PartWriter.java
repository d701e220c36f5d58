package io.tidemark.archiver;

import io.tidemark.merge.MergedRanges;
import io.tidemark.model.ByteSink;
import io.tidemark.model.ContentDigest;
import io.tidemark.model.Op;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.Spool;
import io.tidemark.repository.section.SectionFileWriter;
import io.tidemark.state.SnapshotManifest;
import io.tidemark.state.SnapshotManifest.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Makes the parts of one collection of a snapshot: takes over those of the base in which nothing changed, and writes the
 * others anew. Not thread-safe.
 */
final class PartWriter implements MergedRanges, AutoCloseable {
    private static final int ROWS_BETWEEN_CHECKS = 10_000;

    private final Repository repository;
    private final Path spoolDirectory;
    private final String source;
    private final TransactionEnd end;
    private final RowSchema schema;
    private final List<Part> base;
    private final BuildProgress progress;
    private final PartSizes sizes;
    private Optional<OpenPart> open = Optional.empty();
    private boolean absorbed;
    private long addedBytes;
    private int untilCheck = ROWS_BETWEEN_CHECKS;

    /**
     * @param base the parts of the snapshot before, whose ranges are offered
     * @param progress knows the parts that were finished before an interruption, and hears of each that is
     */
    PartWriter(
            Repository repository,
            Path spoolDirectory,
            String source,
            TransactionEnd end,
            RowSchema schema,
            List<Part> base,
            BuildProgress progress,
            PartSizes sizes) {
        this.repository = repository;
        this.spoolDirectory = spoolDirectory;
        this.source = source;
        this.end = end;
        this.schema = schema;
        this.base = base;
        this.progress = progress;
        this.sizes = sizes;
    }

    private static final class OpenPart {
        private final Spool spool;
        private final SectionFileWriter file;
        private final SectionFileWriter.SectionWriter section;
        private final byte[] firstKey;
        private final ContentDigest.Sum digest = new ContentDigest.Sum();
        private final ByteSink lastKey = new ByteSink(64);
        private long bytes;
        private long rows;

        OpenPart(Spool spool, RowSchema schema, byte[] firstKey) throws IOException {
            this.spool = spool;
            this.firstKey = firstKey;
            file = new SectionFileWriter(spool.out());
            section = file.section(schema, List.of());
        }
    }

    @Override
    public void accept(ByteSink key, ByteSink row, long offset, int index, long count) throws IOException {
        if (open.isEmpty()) {
            open = Optional.of(new OpenPart(Spool.create(spoolDirectory), schema, key.toByteArray()));
        }
        if (--untilCheck == 0) {
            untilCheck = ROWS_BETWEEN_CHECKS;
            progress.check();
        }
        OpenPart part = open.get();
        for (long i = 0; i < count; i++) {
            part.section.begin(key.array(), 0, key.length(), offset, index, Op.READ);
            part.section.movedFrom(row.array(), 0, -1);
            part.section.row(row.array(), 0, -1);
            part.section.row(row.array(), 0, row.length());
            part.section.end();
            part.bytes += key.length() + row.length();
        }
        part.rows += count;
        part.digest.add(row.array(), 0, row.length(), count);
        part.lastKey.clear();
        part.lastKey.write(key);
        if (part.bytes >= sizes.maxBytes()) {
            store(part);
        }
    }

    @Override
    public boolean unchanged(int range, Optional<byte[]> next) throws IOException {
        if (open.isPresent() && open.get().bytes < sizes.smallBytes() && !absorbed) {
            // Once only, or what is left over each time would rewrite the whole table.
            absorbed = true;
            return false;
        }
        if (open.isPresent()) {
            store(open.get());
        }
        absorbed = false;
        progress.finished(base.get(range), next);
        return true;
    }

    @Override
    public void endOfRange() throws IOException {
        if (open.isPresent() && open.get().bytes >= sizes.goodBytes()) {
            store(open.get());
        }
    }

    /** Stores what is left and tells all parts. */
    List<Part> finish() throws IOException {
        if (open.isPresent()) {
            store(open.get());
        }
        return progress.parts();
    }

    /** The size as stored of the parts that were written anew. */
    long addedBytes() {
        return addedBytes;
    }

    private void store(OpenPart part) throws IOException {
        part.section.close();
        part.file.finish(source, end.at().epoch(), -1, end.at().offset());
        int number = progress.parts().size();
        ObjectRef object = repository.put(
                tag -> RepositoryLayout.part(source, end.at(), schema.collection(), number, tag), part.spool);
        part.spool.close();
        open = Optional.empty();
        addedBytes += object.bytes();
        byte[] behindLast = Arrays.copyOf(part.lastKey.array(), part.lastKey.length() + 1);
        behindLast[part.lastKey.length()] = 0;
        progress.finished(
                new Part(object, part.firstKey, part.rows, part.digest.digest(), SnapshotManifest.shape(schema)),
                Optional.of(behindLast));
    }

    @Override
    public void close() throws IOException {
        if (open.isPresent()) {
            open.get().spool.close();
        }
    }
}

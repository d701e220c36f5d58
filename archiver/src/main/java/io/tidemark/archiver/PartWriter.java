package io.tidemark.archiver;

import io.tidemark.merge.MergedRows;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.Spool;
import io.tidemark.repository.section.SectionFileWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes merged rows as the parts of a snapshot, each of about 64 MiB of rows. Not thread-safe. */
final class PartWriter implements MergedRows, AutoCloseable {
    private static final long PART_BYTES = 64L << 20;

    private final Repository repository;
    private final Path spoolDirectory;
    private final String source;
    private final TransactionEnd end;
    private final RowSchema schema;
    private final List<ObjectRef> parts = new ArrayList<>();
    private Optional<OpenPart> open = Optional.empty();
    private long rows;

    PartWriter(Repository repository, Path spoolDirectory, String source, TransactionEnd end, RowSchema schema) {
        this.repository = repository;
        this.spoolDirectory = spoolDirectory;
        this.source = source;
        this.end = end;
        this.schema = schema;
    }

    private static final class OpenPart {
        private final Spool spool;
        private final SectionFileWriter file;
        private final SectionFileWriter.SectionWriter section;
        private long bytes;

        OpenPart(Spool spool, RowSchema schema) throws IOException {
            this.spool = spool;
            file = new SectionFileWriter(spool.out());
            section = file.section(schema, List.of());
        }
    }

    @Override
    public void accept(ByteSink key, ByteSink row, long offset, int index, long count) throws IOException {
        if (open.isEmpty()) {
            open = Optional.of(new OpenPart(Spool.create(spoolDirectory), schema));
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
        rows += count;
        if (part.bytes >= PART_BYTES) {
            store(part);
        }
    }

    long rows() {
        return rows;
    }

    /** Stores what is left and tells all parts. */
    List<ObjectRef> finish() throws IOException {
        if (open.isPresent()) {
            store(open.get());
        }
        return parts;
    }

    private void store(OpenPart part) throws IOException {
        part.section.close();
        part.file.finish(source, end.at().epoch(), -1, end.at().offset());
        parts.add(repository.put(
                RepositoryLayout.part(source, end.at(), schema.collection(), parts.size(), part.spool.finish()),
                part.spool));
        part.spool.close();
        open = Optional.empty();
    }

    @Override
    public void close() throws IOException {
        if (open.isPresent()) {
            open.get().spool.close();
        }
    }
}

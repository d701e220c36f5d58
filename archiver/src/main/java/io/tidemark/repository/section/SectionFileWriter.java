package io.tidemark.repository.section;

import com.github.luben.zstd.Zstd;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Json;
import io.tidemark.model.Op;
import io.tidemark.model.RowSchema;
import io.tidemark.model.Sha256;
import io.tidemark.model.TransactionEnd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/**
 * Writes a section file: sections one after the other, then the list of transactions, then the footer. The same calls
 * give the same bytes. Memory use is one Avro block. Does not close the stream. Not thread-safe.
 */
public final class SectionFileWriter {
    /** How sections stand in a file, whatever order their changes came in. */
    public static final Comparator<RowSchema> ORDER = Comparator.comparing(RowSchema::collection)
            .thenComparing(rows -> rows.toAvro().toString());

    static final byte[] MAGIC = {'T', 'M', 'R', 'K'};
    static final int TRAILER_BYTES = 8;
    private static final int BLOCK_BYTES = 128 * 1024;
    private static final int ZSTD_LEVEL = 1;

    private final Region out;
    private final List<Footer.Section> sections = new ArrayList<>();
    private Optional<Footer.Region> transactions = Optional.empty();

    public SectionFileWriter(OutputStream target) throws IOException {
        out = new Region(target);
        out.write(MAGIC);
        out.write(Footer.VERSION);
    }

    /** Begins the next section; it must be closed before another begins. */
    public SectionWriter section(RowSchema rows, List<Place> truncations) throws IOException {
        return new SectionWriter(rows, truncations);
    }

    /** Begins the list of the transactions that end in the range of this file; it must be closed before the end. */
    public TransactionWriter transactions() throws IOException {
        return new TransactionWriter();
    }

    /** Writes transactions, which must come in order. */
    public final class TransactionWriter implements AutoCloseable {
        private final ByteSink datum = new ByteSink(64);
        private final DataFileWriter<GenericRecord> container;
        private long count;

        private TransactionWriter() throws IOException {
            out.begin();
            container = container(StoredChangeSchema.transaction());
        }

        public void add(TransactionEnd end) throws IOException {
            datum.clear();
            datum.writeLong(end.at().offset());
            datum.writeLong(end.committedAtMicros());
            datum.writeBytes(end.id().getBytes(StandardCharsets.UTF_8));
            datum.writeBytes(end.coordinate().getBytes(StandardCharsets.UTF_8));
            container.appendEncoded(ByteBuffer.wrap(datum.array(), 0, datum.length()));
            count++;
        }

        @Override
        public void close() throws IOException {
            container.close();
            transactions = Optional.of(out.end(count));
        }
    }

    /** Writes the footer, after which the file is complete. */
    public Footer finish(String source, int epoch, long after, long through) throws IOException {
        Footer footer = new Footer(Footer.VERSION, source, epoch, after, through, sections, transactions);
        byte[] compressed = Zstd.compress(Json.bytes(footer), ZSTD_LEVEL);
        ByteSink trailer = new ByteSink(TRAILER_BYTES);
        trailer.writeInt32(compressed.length);
        trailer.write(MAGIC);
        out.write(compressed);
        out.write(trailer.toByteArray());
        out.flush();
        return footer;
    }

    private DataFileWriter<GenericRecord> container(Schema schema) throws IOException {
        DataFileWriter<GenericRecord> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema));
        writer.setCodec(CodecFactory.zstandardCodec(ZSTD_LEVEL, false, true));
        // Blocks are cut by hand; the interval only sizes a buffer.
        writer.setSyncInterval(2 * BLOCK_BYTES);
        byte[] sync = Arrays.copyOf(
                Sha256.of((sections.size() + schema.toString()).getBytes(StandardCharsets.UTF_8))
                        .bytes(),
                16);
        return writer.create(schema, out, sync);
    }

    /** Writes the entries of one section, which must come sorted by key and position. */
    public final class SectionWriter implements AutoCloseable {
        private final RowSchema rows;
        private final List<Place> truncations;
        private final DataFileWriter<GenericRecord> container;
        private final List<Footer.Block> blocks = new ArrayList<>();
        private final ByteSink datum = new ByteSink(1024);
        private long nextBlock;
        private int inBlock;
        private long entries;
        private long firstOffset = Long.MAX_VALUE;
        private int firstIndex;

        private SectionWriter(RowSchema rows, List<Place> truncations) throws IOException {
            this.rows = rows;
            this.truncations = truncations;
            out.begin();
            container = container(StoredChangeSchema.of(rows));
            nextBlock = container.sync();
        }

        /** Starts an entry; the parts follow in this order: {@link #movedFrom}, {@link #row} before, {@link #row} after. */
        public void begin(byte[] key, int keyStart, int keyLength, long offset, int index, Op op) {
            if (inBlock == 0) {
                blocks.add(new Footer.Block(nextBlock, Arrays.copyOfRange(key, keyStart, keyStart + keyLength)));
            }
            if (Place.compare(offset, index, firstOffset, firstIndex) < 0) {
                firstOffset = offset;
                firstIndex = index;
            }
            datum.clear();
            datum.writeBytes(key, keyStart, keyLength);
            datum.writeLong(offset);
            datum.writeLong(index);
            datum.writeLong(op.ordinal());
        }

        /** The key the version before stands under; length -1 for none. */
        public void movedFrom(byte[] bytes, int start, int length) {
            if (length < 0) {
                datum.writeByte(0);
            } else {
                datum.writeByte(2);
                datum.writeBytes(bytes, start, length);
            }
        }

        /** A row in Avro binary; length -1 for none. */
        public void row(byte[] bytes, int start, int length) {
            if (length < 0) {
                datum.writeByte(0);
            } else {
                datum.writeByte(2);
                datum.write(bytes, start, length);
            }
        }

        /** Ends an entry. */
        public void end() throws IOException {
            container.appendEncoded(ByteBuffer.wrap(datum.array(), 0, datum.length()));
            entries++;
            inBlock += datum.length();
            if (inBlock >= BLOCK_BYTES) {
                nextBlock = container.sync();
                inBlock = 0;
            }
        }

        @Override
        public void close() throws IOException {
            container.close();
            Footer.Region region = out.end(entries);
            out.begin();
            out.write(Zstd.compress(Json.bytes(blocks), ZSTD_LEVEL));
            Footer.Region index = out.end(blocks.size());
            Place first = Stream.concat(Stream.of(new Place(firstOffset, firstIndex)), truncations.stream())
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
            sections.add(new Footer.Section(rows.id(), rows.collection(), region, index, first, truncations));
        }
    }

    /** Counts and hashes what goes through, region by region. */
    private static final class Region extends OutputStream {
        private final OutputStream target;
        private final MessageDigest digest = Sha256.digest();
        private long position;
        private long start;

        Region(OutputStream target) {
            this.target = target;
        }

        void begin() {
            start = position;
            digest.reset();
        }

        Footer.Region end(long entries) {
            return new Footer.Region(start, position - start, entries, Sha256.finish(digest.digest()));
        }

        @Override
        public void write(int b) throws IOException {
            target.write(b);
            digest.update((byte) b);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            target.write(bytes, offset, count);
            digest.update(bytes, offset, count);
            position += count;
        }

        @Override
        public void flush() throws IOException {
            target.flush();
        }

        /** Closed by whoever opened the target; Avro closes what it writes to. */
        @Override
        public void close() {}
    }
}

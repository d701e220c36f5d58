package io.tidemark.repository.section;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.Op;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericRecord;

/**
 * Reads the entries of one section in order, in place. After {@link #next()} the accessors tell where the entry's parts
 * lie in {@link #array()}; absent parts have length -1. Holds one Avro block. Not thread-safe.
 */
public final class SectionCursor implements AutoCloseable {
    private final SectionFile file;
    private final Footer.Section section;
    private final DataFileReader<GenericRecord> container;
    private final RowSchema rows;
    private final RowCodec codec;
    private final ByteCursor cursor = new ByteCursor();

    private int keyStart;
    private int keyLength;
    private long offset;
    private int index;
    private Op op = Op.READ;
    private int movedFromStart;
    private int movedFromLength;
    private int beforeStart;
    private int beforeLength;
    private int afterStart;
    private int afterLength;

    private SectionCursor(SectionFile file, Footer.Section section, DataFileReader<GenericRecord> container) {
        this.file = file;
        this.section = section;
        this.container = container;
        rows = StoredChangeSchema.rows(container.getSchema());
        codec = new RowCodec(rows);
    }

    static SectionCursor open(SectionFile file, Footer.Section section) {
        try {
            return new SectionCursor(file, section, file.container(section.region()));
        } catch (IOException e) {
            throw SectionFile.unreadable(file.name(), e);
        }
    }

    /** The shape of the section's rows. */
    public RowSchema rows() {
        return rows;
    }

    /** Moves so that the next entry is at or shortly before the first with this key or a greater one. */
    public void seek(byte[] key) {
        List<Footer.Block> blocks = file.blocks(section);
        int low = 0;
        int high = blocks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Arrays.compareUnsigned(blocks.get(middle).firstKey(), key) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (blocks.isEmpty()) {
            return;
        }
        try {
            container.seek(blocks.get(Math.max(0, low - 1)).offset());
            cursor.reset(new byte[0], 0, 0);
        } catch (IOException e) {
            throw SectionFile.unreadable(file.name(), e);
        }
    }

    /** Moves to the next entry; false behind the last. */
    public boolean next() {
        try {
            while (!cursor.hasRemaining()) {
                if (!container.hasNext()) {
                    return false;
                }
                ByteBuffer block = container.nextBlock();
                int start = block.arrayOffset() + block.position();
                cursor.reset(block.array(), start, start + block.remaining());
            }
        } catch (IOException | org.apache.avro.AvroRuntimeException e) {
            throw SectionFile.unreadable(file.name(), e instanceof IOException io ? io : new IOException(e));
        }
        readEntry();
        return true;
    }

    private void readEntry() {
        keyLength = cursor.readLength();
        keyStart = cursor.position();
        cursor.skip(keyLength);
        offset = cursor.readLong();
        index = cursor.readInt();
        op = Op.of(cursor.readInt());
        movedFromLength = -1;
        if (cursor.readByte() != 0) {
            movedFromLength = cursor.readLength();
            movedFromStart = cursor.position();
            cursor.skip(movedFromLength);
        }
        beforeLength = -1;
        if (cursor.readByte() != 0) {
            beforeStart = cursor.position();
            codec.skipRow(cursor);
            beforeLength = cursor.position() - beforeStart;
        }
        afterLength = -1;
        if (cursor.readByte() != 0) {
            afterStart = cursor.position();
            codec.skipRow(cursor);
            afterLength = cursor.position() - afterStart;
        }
    }

    public byte[] array() {
        return cursor.array();
    }

    public int keyStart() {
        return keyStart;
    }

    public int keyLength() {
        return keyLength;
    }

    public long offset() {
        return offset;
    }

    public int index() {
        return index;
    }

    public Op op() {
        return op;
    }

    public int movedFromStart() {
        return movedFromStart;
    }

    public int movedFromLength() {
        return movedFromLength;
    }

    public int beforeStart() {
        return beforeStart;
    }

    public int beforeLength() {
        return beforeLength;
    }

    public int afterStart() {
        return afterStart;
    }

    public int afterLength() {
        return afterLength;
    }

    /** Compares by key, then by place. */
    public int compareEntry(SectionCursor other) {
        int byKey = compareKey(other.array(), other.keyStart, other.keyLength);
        return byKey != 0 ? byKey : Place.compare(offset, index, other.offset, other.index);
    }

    /** Compares this entry's key with another key. */
    public int compareKey(byte[] other, int otherStart, int otherLength) {
        return Arrays.compareUnsigned(
                array(), keyStart, keyStart + keyLength, other, otherStart, otherStart + otherLength);
    }

    @Override
    public void close() {
        try {
            container.close();
        } catch (IOException e) {
            throw SectionFile.unreadable(file.name(), e);
        }
    }
}

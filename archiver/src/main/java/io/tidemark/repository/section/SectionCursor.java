package io.tidemark.repository.section;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.Op;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads the entries of one section in order, in place. After {@link #next()} the accessors tell where the entry's parts
 * lie in {@link #array()}; absent parts have length -1. Holds one Avro block. Not thread-safe.
 */
public final class SectionCursor implements AutoCloseable {
    private static final VarHandle BIG_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final SectionFile file;
    private final Footer.Section section;
    private final DataFileReader<GenericRecord> container;
    private final RowSchema rows;
    private final RowCodec codec;
    private final ByteCursor cursor = new ByteCursor();

    private @Nullable List<Footer.Block> index;
    private int loadedBlock = -1;
    private int blockStart;
    private int blockEnd;

    private int keyStart;
    private int keyLength;
    private long keyPrefix;
    private long offset;
    private int indexInBatch;
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

    /**
     * Moves to the first entry with this key or a greater one; false if there is none. The block the cursor stands in is
     * not read again.
     */
    public boolean seekTo(byte[] key) {
        if (index == null) {
            index = file.blocks(section);
        }
        int block = blockOf(index, key);
        if (index.isEmpty()) {
            return false;
        }
        try {
            if (block == loadedBlock) {
                cursor.reset(cursor.array(), blockStart, blockEnd);
            } else {
                container.seek(index.get(block).offset());
                cursor.reset(cursor.array(), 0, 0);
                loadedBlock = block;
                blockStart = -1;
            }
        } catch (IOException e) {
            throw SectionFile.unreadable(file.name(), e);
        }
        while (next()) {
            if (compareKey(key, 0, key.length) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** The last block that begins before the key, since entries of one key may begin there. */
    private static int blockOf(List<Footer.Block> blocks, byte[] key) {
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
        return Math.max(0, low - 1);
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
                noteBlock(start, start + block.remaining());
            }
        } catch (IOException | org.apache.avro.AvroRuntimeException e) {
            throw SectionFile.unreadable(file.name(), e instanceof IOException io ? io : new IOException(e));
        }
        readEntry();
        return true;
    }

    /** Remembers where a block lies that {@link #seekTo} went to; later ones are not worth it. */
    private void noteBlock(int start, int end) {
        if (blockStart == -1) {
            blockStart = start;
            blockEnd = end;
        } else {
            loadedBlock = -1;
        }
    }

    private void readEntry() {
        keyLength = cursor.readLength();
        keyStart = cursor.position();
        cursor.skip(keyLength);
        keyPrefix = prefix(cursor.array(), keyStart, keyLength);
        offset = cursor.readLong();
        indexInBatch = cursor.readInt();
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
        return indexInBatch;
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
        if (keyPrefix != other.keyPrefix) {
            return Long.compareUnsigned(keyPrefix, other.keyPrefix);
        }
        int byKey = compareKey(other.array(), other.keyStart, other.keyLength);
        return byKey != 0 ? byKey : Place.compare(offset, indexInBatch, other.offset, other.indexInBatch);
    }

    /** The first eight bytes as a number that sorts like them; shorter keys are padded with zeros. */
    public static long prefix(byte[] bytes, int start, int length) {
        if (length >= Long.BYTES) {
            return (long) BIG_ENDIAN.get(bytes, start);
        }
        long prefix = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            prefix = prefix << 8 | (i < length ? bytes[start + i] & 255 : 0);
        }
        return prefix;
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

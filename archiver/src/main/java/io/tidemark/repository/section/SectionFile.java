package io.tidemark.repository.section;

import com.github.luben.zstd.Zstd;
import io.tidemark.model.Json;
import io.tidemark.model.Position;
import io.tidemark.model.RowSchema;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.store.ObjectReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/**
 * A section file opened for reading: its footer is read, everything else on demand. Any number of cursors may be open at
 * once, each with a reader of its own. Immutable.
 */
public final class SectionFile {
    private static final int MAX_JSON_BYTES = 256 << 20;

    private final String name;
    private final Supplier<ObjectReader> opener;
    private final Footer footer;

    private SectionFile(String name, Supplier<ObjectReader> opener, Footer footer) {
        this.name = name;
        this.opener = opener;
        this.footer = footer;
    }

    /**
     * Reads the footer.
     *
     * @param name for messages
     * @param opener gives a new reader of the file, in the clear, each time
     * @throws TidemarkException of kind VERIFICATION if this is not a section file
     */
    public static SectionFile open(String name, Supplier<ObjectReader> opener) {
        try (ObjectReader reader = opener.get()) {
            byte[] trailer = new byte[SectionFileWriter.TRAILER_BYTES];
            reader.readFully(reader.lengthBytes() - trailer.length, trailer, 0, trailer.length);
            int length = ByteBuffer.wrap(trailer).getInt();
            if (!Arrays.equals(trailer, 4, 8, SectionFileWriter.MAGIC, 0, 4) || length < 0) {
                throw TidemarkException.corrupt("object " + name + " does not end like a section file");
            }
            byte[] json = readCompressed(name, reader, reader.lengthBytes() - trailer.length - length, length);
            Footer footer = Json.read(json, Footer.class, "the footer of object " + name);
            if (footer.version() != Footer.VERSION) {
                throw TidemarkException.corrupt("object " + name + " has the unknown version " + footer.version());
            }
            return new SectionFile(name, opener, footer);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /** Opens an object that the catalog promises. */
    public static SectionFile open(Repository repository, ObjectRef ref) {
        return open(ref.name().text(), () -> repository.open(ref));
    }

    public String name() {
        return name;
    }

    public Footer footer() {
        return footer;
    }

    /** The shape of the rows in a section. */
    public RowSchema rows(Footer.Section section) {
        try (DataFileReader<GenericRecord> reader = container(section.region())) {
            return StoredChangeSchema.rows(reader.getSchema());
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /** Opens a section at its first entry. */
    public SectionCursor cursor(Footer.Section section) {
        return SectionCursor.open(this, section);
    }

    /** The blocks of a section, in order. */
    List<Footer.Block> blocks(Footer.Section section) {
        Footer.Region index = section.index();
        try (ObjectReader reader = opener.get()) {
            byte[] json = readCompressed(name, reader, index.offset(), Math.toIntExact(index.length()));
            return List.of(Json.read(json, Footer.Block[].class, "an index of object " + name));
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private static byte[] readCompressed(String name, ObjectReader reader, long offset, int length) throws IOException {
        byte[] compressed = new byte[length];
        reader.readFully(offset, compressed, 0, length);
        long size = Zstd.getFrameContentSize(compressed);
        if (size < 0 || size > MAX_JSON_BYTES) {
            throw TidemarkException.corrupt("object " + name + " has an unreadable footer or index");
        }
        return Zstd.decompress(compressed, (int) size);
    }

    /** Tells the transactions that end in the file, in order. */
    public void transactions(Consumer<TransactionEnd> consumer) {
        if (footer.transactions().isEmpty()) {
            return;
        }
        try (DataFileReader<GenericRecord> reader =
                container(footer.transactions().get())) {
            for (GenericRecord entry : reader) {
                consumer.accept(new TransactionEnd(
                        new Position(footer.epoch(), (Long) entry.get("offset")),
                        (Long) entry.get("committedAt"),
                        entry.get("id").toString(),
                        entry.get("coordinate").toString()));
            }
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /**
     * Reads every section from end to end and checks it against the footer.
     *
     * @return how many entries the sections hold
     * @throws TidemarkException of kind VERIFICATION if one differs
     */
    public long verify() {
        return verify(entry -> {});
    }

    /** The same, with a look at each entry on the way. */
    public long verify(Consumer<SectionCursor> look) {
        long total = 0;
        try (ObjectReader reader = opener.get()) {
            for (Footer.Section section : footer.sections()) {
                verifyRegion(reader, section.region());
                verifyRegion(reader, section.index());
                long entries = 0;
                try (SectionCursor cursor = cursor(section)) {
                    while (cursor.next()) {
                        look.accept(cursor);
                        entries++;
                    }
                }
                if (entries != section.region().entries()) {
                    throw TidemarkException.corrupt("object " + name + " holds " + entries + " changes of "
                            + section.collection() + ", its footer says "
                            + section.region().entries());
                }
                total += entries;
            }
            if (footer.transactions().isPresent()) {
                verifyRegion(reader, footer.transactions().get());
            }
        } catch (IOException e) {
            throw unreadable(name, e);
        }
        return total;
    }

    private void verifyRegion(ObjectReader reader, Footer.Region region) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[64 * 1024];
        for (long done = 0; done < region.length(); ) {
            int count = (int) Math.min(buffer.length, region.length() - done);
            reader.readFully(region.offset() + done, buffer, 0, count);
            digest.update(buffer, 0, count);
            done += count;
        }
        if (!Sha256.finish(digest.digest()).equals(region.sha256())) {
            throw TidemarkException.corrupt("object " + name + " was altered: the bytes from " + region.offset()
                    + " on are not those its footer describes");
        }
    }

    DataFileReader<GenericRecord> container(Footer.Region region) throws IOException {
        RegionInput input = new RegionInput(opener.get(), region.offset(), region.length());
        return new DataFileReader<>(input, new GenericDatumReader<>());
    }

    static TidemarkException unreadable(String name, IOException e) {
        return TidemarkException.corrupt("cannot read object " + name + ": " + e.getMessage(), e);
    }
}

package io.tidemark.ingest.postgres;

import io.tidemark.model.TidemarkException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads one pgoutput message in place. Not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html">Logical Replication
 *     Message Formats</a>
 */
final class PgOutputReader {
    /** µs between 1970 and PostgreSQL's epoch, 2000-01-01 UTC. */
    private static final long POSTGRES_EPOCH_MICROS = 946_684_800_000_000L;

    private byte[] bytes = new byte[0];
    private int position;
    private int limit;

    void reset(ByteBuffer message) {
        bytes = message.array();
        position = message.arrayOffset() + message.position();
        limit = message.arrayOffset() + message.limit();
    }

    byte[] array() {
        return bytes;
    }

    int position() {
        return position;
    }

    boolean hasRemaining() {
        return position < limit;
    }

    char character() {
        return (char) (bytes[position++] & 255);
    }

    int int8() {
        return bytes[position++];
    }

    int int16() {
        return (bytes[position++] & 255) << 8 | (bytes[position++] & 255);
    }

    int int32() {
        return int16() << 16 | int16();
    }

    long uint32() {
        return int32() & 0xFFFFFFFFL;
    }

    long int64() {
        return (long) int32() << 32 | uint32();
    }

    /** A timestamp as µs since 1970 UTC. */
    long micros() {
        return int64() + POSTGRES_EPOCH_MICROS;
    }

    String string() {
        int start = position;
        while (bytes[position] != 0) {
            position++;
        }
        return new String(bytes, start, position++ - start, StandardCharsets.UTF_8);
    }

    void skip(int count) {
        if (count > limit - position) {
            throw TidemarkException.corrupt("a pgoutput message ends in the middle of a value");
        }
        position += count;
    }
}

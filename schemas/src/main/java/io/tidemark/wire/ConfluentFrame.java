package io.tidemark.wire;

import io.tidemark.model.ByteSink;
import io.tidemark.model.TidemarkException;

/**
 * The Confluent wire format: a zero byte, the schema's registry id in four bytes big-endian, Avro binary.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html">
 *     Confluent's description of the format</a>
 */
public final class ConfluentFrame {
    /** Bytes before the Avro data. */
    public static final int HEADER_BYTES = 5;

    private ConfluentFrame() {}

    public static void writeHeader(int schemaId, ByteSink target) {
        target.writeByte(0);
        target.writeInt32(schemaId);
    }

    /**
     * The schema id of a framed record.
     *
     * @throws TidemarkException of kind VERIFICATION if the bytes are not framed so
     */
    public static int schemaId(byte[] record) {
        if (record.length < HEADER_BYTES || record[0] != 0) {
            throw TidemarkException.corrupt("a Kafka record is not in Confluent wire format: it does not begin with 0");
        }
        return (record[1] & 255) << 24 | (record[2] & 255) << 16 | (record[3] & 255) << 8 | (record[4] & 255);
    }
}

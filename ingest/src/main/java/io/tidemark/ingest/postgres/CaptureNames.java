package io.tidemark.ingest.postgres;

/**
 * What a capture is called in the server.
 *
 * @param slot the replication slot
 * @param publication the publication
 * @param schema the schema with its functions
 */
record CaptureNames(String slot, String publication, String schema) {
    static CaptureNames of(String source) {
        String name = "tidemark_" + source.replace('-', '_');
        return new CaptureNames(name, name, name);
    }
}

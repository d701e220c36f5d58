package io.tidemark.ingest.postgres;

/**
 * What a capture is called in the server.
 *
 * @param slot the replication slot
 * @param publication the publication
 */
record CaptureNames(String slot, String publication) {
    static CaptureNames of(String source) {
        String name = "tidemark_" + source.replace('-', '_');
        return new CaptureNames(name, name);
    }
}
